"""Two spellings of one phone or e-mail are the same, and what is none is left out."""

import pytest

from store.persons.person_notes import Traits
from store.persons.reach import all_reach, person_keys, reach_of
from tests.growth import takes_squares
from tests.support import each


@pytest.mark.parametrize(
    "phone",
    [
        "13800001111",
        "138-0000-1111",
        "+86 138 0000 1111",
        "(0086)13800001111",
        "１３８００００１１１１",
        "86 13800001111",
    ],
)
def test_a_phone_is_the_same_however_it_is_written(phone):
    assert reach_of(phone, "") == ["p:13800001111"]


@pytest.mark.parametrize("phone", ["010-87654321", "(010) 8765-4321", "86-10-87654321", "01087654321"])
def test_so_is_one_with_an_area_code(phone):
    assert reach_of(phone, "") == ["p:1087654321"]


@pytest.mark.parametrize(
    "phone", ["13800001111/13900001111", "13800001111、13900001111", "13800001111 13900001111"]
)
def test_of_several_in_one_text_the_first_is_the_resumes(phone):
    assert reach_of(phone, "") == ["p:13800001111"]
    assert all_reach(phone) == ["p:13800001111", "p:13900001111"]


def test_an_address_is_the_same_in_any_case_and_width():
    for text in ("Lin@Example.com", "ｌｉｎ@example.com", " lin@example.com；", "邮箱：LIN@example.com"):
        assert reach_of("", text) == ["e:lin@example.com"]
    assert reach_of("", "a@b.cn; c@d.cn") == ["e:a@b.cn"]
    assert all_reach("a@b.cn; c@d.cn") == ["e:a@b.cn", "e:c@d.cn"]


def test_a_key_has_the_name_however_it_is_spelled():
    reach = ["e:lin@example.com", "p:13800001111", "s:site:7"]
    keys = ["e:lin@example.com linwan", "p:13800001111 linwan", "s:site:7 linwan"]
    assert person_keys(reach, "Lin Wan") == person_keys(reach, "ｌｉｎ　WAN ") == keys
    # Without a name a phone may be anybody's, but a site knows who it means.
    assert person_keys(reach, " ") == ["s:site:7 "]


@pytest.mark.parametrize("phone", ["400-100-1234", "(800) 8101234", "4001001234"])
def test_a_service_number_is_nobodys_key(phone):
    (reach,) = reach_of(phone, "")
    assert person_keys([reach], "林晚照") == []


@pytest.mark.parametrize(("phone", "email"), [("", ""), ("12345", "无"), ("保密", "lin@"), ("转8001", "@x")])
def test_what_is_neither_is_left_out(phone, email):
    assert reach_of(phone, email) == []


@pytest.mark.parametrize("email", ["a@b", "@b.cn", "a@.cn", "a@b.", "@@b.", f"{'a' * 250}@b.cn"])
def test_so_is_what_only_looks_like_an_address(email):
    assert reach_of("", email) == []
    assert reach_of("", f"{email} lin@b.c.cn") == ["e:lin@b.c.cn"]


@each("part", ["a", "@", "a@", "a.", "1", "1.", "(", "(.", ("\u0301", "\u0327")])
def test_a_text_without_end_is_read_in_a_moment(part):
    def read(size: int) -> None:
        text = "".join(one * size for one in part)
        reach_of(text, text)

    assert not takes_squares(read, 100_000)


@each(
    "text, masked",
    [
        ("电话138 0000-1111，可约", "电话***，可约"),
        ("+86-13800001111或13800001112", "***或13800001112"),
        ("１３８００００１１１１", "***"),
        ("发到Lin@Example.com。", "发到***。"),
        ("QQ 98765 或 987654", "QQ *** 或 987654"),
        ("213800001111", "213800001111"),
        ("colin@example.com lin@example.community", "colin@example.com lin@example.community"),
        ("林晚照推荐", "林晚照推荐"),
    ],
)
def test_a_persons_traits_are_masked_in_texts(text, masked):
    reach = reach_of("13800001111", "lin@example.com")
    traits = Traits(reach, [{"name": "林晚照", "qq": "98765"}, {"name": "林", "qq": "12"}])
    assert traits.mask(text) == masked
    assert traits.names_in(text) == ("林晚照" in text)
    assert Traits([], []).mask(text) == text
