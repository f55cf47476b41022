import pytest

from engine.matching.lexicon.places import Places
from tests.unit.engine_samples import CITIES, City, places


@pytest.mark.parametrize(
    "typed",
    ["广州", "广州市", "羊城", "广东省广州市天河区", "天河区", "广州-天河", " 广 州市".replace(" ", "")],
)
def test_a_city_has_many_names(typed):
    assert places().wish((typed,)) == ("广州",)


@pytest.mark.parametrize("typed", ["深圳,广州", "广州、深圳", "深圳；广州", "深圳/广州市", "sz 羊城"])
def test_a_wish_may_name_several_cities_in_any_order(typed):
    assert places().wish((typed,)) == ("广州", "深圳")


@pytest.mark.parametrize("typed", ["不限", "全国", "", "广州,不限", "均可"])
def test_anywhere_is_no_wish(typed):
    assert places().wish((typed,)) == ()


def test_a_district_that_two_cities_share_decides_nothing():
    twice = Places([*CITIES, City("四川", "成都", (), ("天河区",))])
    assert twice.wish(("天河区",)) == ()


@pytest.mark.parametrize("typed", ["朝阳", "朝阳市"])
def test_a_city_that_shares_its_name_with_a_district_is_meant_by_its_bare_name(typed):
    assert places().wish((typed,)) == ("朝阳",)


def test_a_district_of_a_named_city_adds_no_second_city():
    assert places().wish(("北京朝阳区",)) == places().wish(("北京-朝阳区",)) == ("北京",)


def test_a_district_that_may_be_anywhere_is_unknown_rather_than_a_city_of_that_name():
    assert places().wish(("朝阳区",)) == ()


def test_a_province_reaches_its_cities_and_a_city_its_province():
    assert places().wish(("广东",)) == ("@广东",)
    assert set(places().reach(("@广东",))) == {"@广东", "广州", "深圳"}
    assert set(places().reach(("广州",))) == {"广州", "@广东"}


def test_an_unknown_place_still_agrees_with_itself():
    assert places().wish(("火星市",)) == places().wish(("火星",)) == ("火星",)


@pytest.mark.parametrize("odd", ["", "💥", "，，，", "a" * 100_000])
def test_odd_text_is_no_error(odd):
    places().wish((odd,))


def test_the_revision_follows_the_rows():
    assert places().revision == Places(CITIES).revision != Places(CITIES[1:]).revision
