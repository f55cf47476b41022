"""Names and the contacts that go with them. No contact in here can reach a living person."""

from random import Random
from typing import Final

# Surnames with the spelling used in front of @example.com, the common ones more often.
_SURNAMES: Final = (
    ("王", "wang", 9), ("李", "li", 9), ("张", "zhang", 9), ("刘", "liu", 7), ("陈", "chen", 7),
    ("杨", "yang", 5), ("黄", "huang", 4), ("赵", "zhao", 4), ("吴", "wu", 4), ("周", "zhou", 4),
    ("徐", "xu", 3), ("孙", "sun", 3), ("马", "ma", 3), ("朱", "zhu", 3), ("胡", "hu", 3),
    ("郭", "guo", 3), ("何", "he", 3), ("林", "lin", 3), ("高", "gao", 2), ("罗", "luo", 2),
    ("郑", "zheng", 2), ("梁", "liang", 2), ("谢", "xie", 2), ("宋", "song", 2), ("唐", "tang", 2),
    ("许", "xu", 2), ("韩", "han", 2), ("冯", "feng", 2), ("邓", "deng", 2), ("曹", "cao", 2),
    ("彭", "peng", 2), ("曾", "zeng", 2), ("肖", "xiao", 2), ("田", "tian", 1), ("董", "dong", 1),
    ("潘", "pan", 1), ("袁", "yuan", 1), ("蔡", "cai", 1), ("蒋", "jiang", 1), ("余", "yu", 1),
    ("于", "yu", 1), ("杜", "du", 1), ("叶", "ye", 1), ("程", "cheng", 1), ("魏", "wei", 1),
    ("苏", "su", 1), ("吕", "lv", 1), ("丁", "ding", 1), ("任", "ren", 1), ("沈", "shen", 1),
    ("欧阳", "ouyang", 1), ("上官", "shangguan", 1),
)  # fmt: skip
_MALE: Final = "伟强磊军勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆志文建国海峰林云龙晨博远航宁泽"
_FEMALE: Final = "芳娜敏静丽艳娟霞秀玲燕红梅莹雪琳婷慧倩颖洁丹萍悦欣怡佳妍蕾薇璐瑶晓雯梦思雨涵"


def draw_name(rng: Random, *, woman: bool) -> tuple[str, str]:
    """Draw a full name; the second value is the surname in Latin letters."""
    surname, latin, _ = rng.choices(_SURNAMES, weights=[weight for *_, weight in _SURNAMES])[0]
    bank = _FEMALE if woman else _MALE
    return surname + "".join(rng.sample(bank, rng.choice((1, 2, 2, 2)))), latin


def contacts(latin: str, number: int) -> dict[str, str]:
    """Contacts of person `number` (from 1): unique up to ten million people, and unreachable.

    No Chinese mobile number starts with 100 (10000 is an operator's own hotline) and no QQ number
    with 0; example.com is reserved for documentation (RFC 2606).
    """
    return {
        "phone": f"1000{number:07d}",
        "email": f"{latin}{number:04d}@example.com",
        "qq": f"000{number:07d}",
    }
