"""Places as people write them: names, regions, several in a text, and what hides nobody."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.data import load_lexicon
from engine.matching.lexicon.places import Places
from engine.matching.lexicon.rows import CityRow
from tests.support import each
from tests.unit.matching.engine_samples import CITIES, places

DELTA = {"广州", "深圳", "珠海", "佛山", "惠州", "东莞", "中山", "江门", "肇庆"}
EAST = {"上海", "@江苏", "@浙江", "@安徽", "@福建", "@江西", "@山东"}


@cache
def table() -> Places:
    """The table that the project has."""
    words = load_lexicon()
    return Places(words.cities, words.regions, words.abroad)


@pytest.mark.parametrize(
    "typed",
    ["广州", "广州市", "羊城", "广东省广州市天河区", "天河区", "广州-天河", " 广 州市".replace(" ", "")],
)
def test_a_city_has_many_names(typed):
    assert places().wish((typed,)) == ("广州",)


@pytest.mark.parametrize("typed", ["深圳,广州", "广州、深圳", "深圳；广州", "深圳/广州市", "sz 羊城"])
def test_a_wish_may_name_several_cities_in_any_order(typed):
    assert places().wish((typed,)) == ("广州", "深圳")


@each(
    "typed, keys",
    [
        # a region is its cities and provinces
        ("珠三角", DELTA),
        ("珠江三角洲地区", DELTA),
        ("粤港澳大湾区", DELTA | {"香港", "澳门"}),
        ("大湾区", DELTA | {"香港", "澳门"}),
        ("长三角", {"上海", "@江苏", "@浙江", "@安徽"}),
        ("江浙沪", {"上海", "@江苏", "@浙江"}),
        ("京津冀", {"北京", "天津", "@河北"}),
        ("华南", {"@广东", "@广西", "@海南"}),
        ("华东地区", EAST),
        ("华北", {"北京", "天津", "@河北", "@山西", "@内蒙古"}),
        ("华中", {"@河南", "@湖北", "@湖南"}),
        ("西南", {"重庆", "@四川", "@贵州", "@云南", "@西藏"}),
        ("西北", {"@陕西", "@甘肃", "@青海", "@宁夏", "@新疆"}),
        ("东北", {"@辽宁", "@吉林", "@黑龙江"}),
        ("一线城市", {"北京", "上海", "广州", "深圳"}),
        ("国内一线城市", {"北京", "上海", "广州", "深圳"}),
        ("北上广深", {"北京", "上海", "广州", "深圳"}),
        ("珠三角，长沙优先", DELTA | {"长沙"}),
        ("京/沪/深", {"北京", "上海", "深圳"}),
        ("苏浙皖", {"@江苏", "@浙江", "@安徽"}),
        ("粤", {"@广东"}),
        ("内蒙", {"@内蒙古"}),
        # other scripts, and countries
        ("Shanghai", {"上海"}),
        ("BEIJING, Shenzhen", {"北京", "深圳"}),
        ("Hong Kong", {"香港"}),
        ("Xi'an", {"西安"}),
        ("Guangzhou or Foshan", {"广州", "佛山"}),
        ("Guangdong Province", {"@广东"}),
        ("臺北", {"台北"}),
        ("澳門", {"澳门"}),
        ("香港", {"香港"}),
        ("臺灣", {"@台湾"}),
        ("New York", {"美国"}),
        ("新加坡", {"新加坡"}),
        ("海外", {"@海外"}),
        # parts of a place are read with it
        ("浦东", {"上海"}),
        ("上海浦东新区", {"上海"}),
        ("昆山", {"苏州"}),
        ("义乌市", {"金华"}),
        ("泰宁县", {"三明"}),
        ("琼中黎族苗族自治县", {"@海南"}),
        ("苏州工业园区", {"苏州"}),
        ("北京朝阳", {"北京"}),
        ("杭州>余杭", {"杭州"}),
        ("广西壮族自治区南宁市", {"南宁"}),
        ("河南/郑州", {"郑州"}),
        ("广东-深圳", {"深圳"}),
        ("广东、深圳", {"@广东", "深圳"}),
        ("吉林", {"@吉林"}),
        ("吉林省吉林市", {"吉林"}),
        ("海南", {"@海南"}),
        ("深圳北站", {"深圳"}),
        # words about places open and close them
        ("广州附近", {"广州", "@广东"}),
        ("上海周边", {"上海", "@江苏", "@浙江"}),
        ("长沙及省内", {"长沙", "@湖南"}),
        ("广东省内", {"@广东"}),
        ("北京上海均可", {"北京", "上海"}),
        ("广州，不考虑外地", {"广州"}),
        ("北京(郊区除外)", {"北京"}),
        ("北京可以，上海不去", {"北京"}),
        ("广州不考虑", set()),
        ("北京以外", set()),
        ("非北京不去", {"北京"}),
        ("北京以外不去", {"北京"}),
        ("广州、火星", {"广州"}),
    ],
)
def test_a_wish_is_the_cities_and_provinces_that_it_means(typed, keys):
    assert set(table().wish((typed,))) == keys


def test_new_first_tier_cities_are_not_the_first_tier():
    found = set(table().wish(("新一线城市",)))
    assert {"成都", "杭州", "武汉"} <= found
    assert not found & {"北京", "上海", "广州", "深圳"}


OPEN = (
    "不限 全国 广州,不限 均可"
    " 全国各地 国内 中国 省内 附近 本地 服从分配 广州（服从分配） 服从公司安排 异地均可 北京或异地"
    " 除北京外均可 全国（西藏除外） 西藏除外 北京、其他城市均可 哪里都可以"
    " Anywhere Remote 远程 Shanghai(flexible)"
)
UNREAD = "火星 某县城 朝阳区 待定 看情况 company Xianyou 13800138000 🌏"


@each("typed", ["", *f"{OPEN} {UNREAD}".split()])
def test_what_is_open_or_cannot_be_read_hides_nobody(typed):
    assert table().wish((typed,)) == ()


@each(
    "address, keys",
    [
        ("上海市南京西路100号", {"上海"}),
        ("广州市北京路", {"广州"}),
        ("江苏省南京市北京西路", {"南京"}),
        ("上海市华东师范大学", {"上海"}),
        ("湖北省武汉市洪山区华中科技大学", {"武汉"}),
        ("成都市西南交通大学", {"成都"}),
        ("浙江省台州市路桥区", {"台州"}),
        ("唐山市路南区", {"唐山"}),
        ("西安市长安路北段", {"西安"}),
        ("中山路南口", set()),
        ("重庆市渝中区解放碑", {"重庆"}),
        ("深圳市宝安区新安街道", {"深圳"}),
        ("黑龙江省鹤岗市南山区", {"鹤岗"}),
        ("江苏省南通市通州区", {"南通"}),
        ("吉林丰满区", {"吉林"}),
        ("辽宁朝阳市北票市", {"朝阳"}),
        ("Shanghai, China", {"上海"}),
        ("广东", {"@广东"}),
        ("珠三角", DELTA),
        ("", set()),
        (None, set()),
        (5, set()),
    ],
)
def test_an_address_is_where_it_says_not_what_its_streets_are_called(address, keys):
    assert set(table().home(address)) == keys


@each(
    "wished, asked",
    [
        ("深圳", "珠三角"),
        ("珠三角", "深圳"),
        ("珠三角", "广东"),
        ("华南", "珠三角"),
        ("杭州", "长三角"),
        ("华东", "江浙沪"),
        ("一线城市", "广州市"),
        ("广东", "大湾区"),
        ("新加坡", "海外"),
        ("海外", "新加坡"),
        ("海外", "东南亚"),
    ],
)
def test_regions_agree_with_all_that_is_in_them(wished, asked):
    found = table()
    assert set(found.reach(found.wish((wished,)))) & set(found.wish((asked,)))


@pytest.mark.parametrize(
    ("wished", "asked"),
    [("北京", "珠三角"), ("珠三角", "华东"), ("湛江", "珠三角"), ("日本", "新加坡"), ("北京", "海外")],
)
def test_and_with_nothing_else(wished, asked):
    found = table()
    assert not set(found.reach(found.wish((wished,)))) & set(found.wish((asked,)))


@each(
    "text, keys",
    [
        ("广州", {"广州"}),
        ("广州市", {"广州"}),
        ("广东省", {"@广东"}),
        ("珠三角", DELTA),
        ("Shanghai", {"上海"}),
        ("北京、上海", {"北京", "上海"}),
        ("天河区", set()),
        ("广州市天河区", set()),
        ("广东省广州市", {"广州"}),
        ("天河", set()),
        ("南京西路", set()),
        ("广州附近的村", set()),
        (".*", set()),
        ("", set()),
    ],
)
def test_a_filter_for_whole_places_is_told_from_one_for_a_part(text, keys):
    assert set(table().whole(text)) == keys


def test_a_district_that_two_cities_share_decides_nothing():
    twice = Places([*CITIES, CityRow("四川", "成都", (), ("天河区",))])
    assert twice.wish(("天河区",)) == ()


@pytest.mark.parametrize("typed", ["朝阳", "朝阳市"])
def test_a_city_that_shares_its_name_with_a_district_is_meant_by_its_bare_name(typed):
    assert places().wish((typed,)) == ("朝阳",)


def test_a_province_reaches_its_cities_and_a_city_its_province():
    assert places().wish(("广东",)) == ("@广东",)
    assert set(places().reach(("@广东",))) == {"@广东", "广州", "深圳"}
    assert set(places().reach(("广州",))) == {"广州", "@广东"}
    assert set(places().within(("@广东",))) == {"@广东"}
    assert set(places().within(("广州",))) == {"广州", "@广东"}


@pytest.mark.parametrize("odd", ["", "💥", "，，，", "a" * 100_000, "广" * 5_000, "(((" * 900, "除" * 3_000])
def test_odd_text_is_no_error(odd):
    table().wish((odd,))
    table().home(odd)
    table().whole(odd)


@given(st.text(alphabet="广州深圳省市区珠三角上海除外不限附近,、/-() abS南京路", max_size=30))
def test_whatever_is_typed_gives_sorted_known_places(text):
    keys = table().wish((text,))
    assert list(keys) == sorted(set(keys))
    assert set(keys) <= set(table().reach(keys))


def test_the_revision_follows_the_rows():
    words = load_lexicon()
    assert places().revision == Places(CITIES).revision != Places(CITIES[1:]).revision
    assert table().revision != Places(words.cities).revision
    assert table().revision != Places(words.cities, words.regions[1:], words.abroad).revision


def test_a_region_of_unknown_places_is_refused():
    with pytest.raises(ValueError, match="火星"):
        Places(CITIES, [type(load_lexicon().regions[0])("外太空", (), ("火星",), ())])
