"""How people write: self-evaluations, duties, salaries and years, each in several hands."""

from collections.abc import Sequence
from random import Random
from typing import Final

_OPENINGS: Final[dict[str, tuple[str, ...]]] = {
    "junior": (
        "本人{major}专业毕业，{years}，做过{title}，基础扎实，愿意从小事做起。",
        "性格开朗，学习能力强，在{company}做{title}期间很快独立上手。",
        "刚入行不久，对{trade}有浓厚兴趣，希望在一家稳定的公司长期发展。",
        "{years}，能够独立完成日常工作，得到领导认可。",
    ),
    "middle": (
        "{years}{trade}经验，能独立负责模块，做事有条理。",
        "从事{trade}工作{years}，熟悉完整流程，善于和各部门沟通。",
        "在{company}等单位担任{title}，对{industry}行业比较了解。",
        "本人踏实肯干，{years}来一直在{trade}岗位，没有频繁跳槽。",
    ),
    "senior": (
        "{years}{trade}经验，既能做一线工作，也带过团队。",
        "熟悉{industry}行业，长期担任{title}，解决过不少棘手问题。",
        "擅长把复杂的事情拆开推进，{years}里多次从零搭建流程。",
        "专业功底扎实，注重结果，在{company}期间多次被评为优秀员工。",
    ),
    "lead": (
        "{years}从业经历，其中多年管理岗位，熟悉{industry}行业的经营与管理。",
        "有完整的团队组建经验，带出多名骨干；对{trade}有自己的方法。",
        "长期负责{trade}整体工作，对成本、质量和进度负责，抗压能力强。",
    ),
}
_SKILL_LINES: Final = (
    "熟练掌握{skills}。", "熟悉{skills}，能较快上手新工具。", "专业技能：{skills}。", "擅长{skills}。",
    "掌握{skills}，有实际项目经验。", "常用：{skills}。",
)  # fmt: skip
_TRAITS: Final = (
    "责任心强，吃苦耐劳", "细心严谨，有良好的职业操守", "沟通协调能力好", "执行力强，能承受较大压力",
    "乐于分享，团队意识好", "逻辑清晰，善于总结", "服务意识强，待人真诚", "自我驱动，喜欢钻研",
    "时间观念强，守信用", "心态平和，遇事不慌", "学习能力强，接受新事物快", "可接受适当加班和短期出差",
)  # fmt: skip
_CERTIFICATE_LINES: Final = ("持有{certificate}。", "已取得{certificate}。", "证书：{certificate}。")
_ENDINGS: Final = (
    "希望加入贵公司，与团队一起成长。", "期待面谈。", "希望找到离家近、平台稳定的工作。",
    "职业规划明确，愿意长期在本行业发展。", "", "", "", "",
)  # fmt: skip
_REMARKS: Final[dict[str, tuple[str, ...]]] = {
    "junior": ("基础不错，表达清楚，可以培养。", "经验偏少，但态度积极。", "沟通顺畅，稳定性待观察。"),
    "middle": (
        "经历连贯，能独立工作，期望薪资合理。",
        "业务熟练，电话沟通良好。",
        "跳槽不多，离职原因可信。",
    ),
    "senior": ("能力突出，看重平台和发展空间。", "带过团队，管理思路清楚。", "经验对口，可尽快安排面试。"),
    "lead": ("资历深，适合管理岗位。", "视野开阔，期望薪资较高，需提前沟通。"),
}


def write_self_evaluation(
    rng: Random, level: str, facts: dict[str, str], skills: Sequence[str], certificate: str
) -> str:
    """Write a self-evaluation from the facts of a career (keys as in the openings' braces)."""
    parts = [rng.choice(_OPENINGS[level]).format(**facts)]
    parts.append(rng.choice(_SKILL_LINES).format(skills=join_words(rng, skills)))
    parts.append("，".join(rng.sample(_TRAITS, rng.choice((1, 2, 2, 3)))) + "。")
    if certificate:
        parts.append(rng.choice(_CERTIFICATE_LINES).format(certificate=certificate))
    if rng.random() < 0.3:
        parts[0], parts[2] = parts[2], parts[0]
    ending = rng.choice(_ENDINGS)
    if rng.random() < 0.25:
        return "\n".join(f"{number}、{part}" for number, part in enumerate(parts, 1))
    return "".join(parts) + ending


def write_remark(rng: Random, level: str) -> str:
    """Write what a recruiter noted after a call; mostly nothing."""
    return rng.choice(_REMARKS[level]) if rng.random() < 0.25 else ""


def write_duties(rng: Random, duties: Sequence[str], tools: Sequence[str]) -> str:
    """Set the duties of a job down as a list or a paragraph, at times with the tools used."""
    style = rng.randrange(5)
    if style == 0:
        text = "\n".join(f"{number}、{duty}；" for number, duty in enumerate(duties, 1))[:-1] + "。"
    elif style == 1:
        text = "\n".join(f"{number}. {duty}" for number, duty in enumerate(duties, 1))
    elif style == 2:
        text = "；".join(duties) + "。"
    elif style == 3:
        text = f"工作内容：{'；'.join(duties[:-1])}。\n工作业绩：{duties[-1]}。"
    else:
        text = "\n".join(f"- {duty}" for duty in duties)
    if tools:
        text += f"\n{rng.choice(('涉及技能', '常用技能', '主要用到'))}：{join_words(rng, tools)}"
    return text


def write_pay(rng: Random, pay: int) -> str | int:
    """Write what a job paid a month; some keep it to themselves."""
    shapes: tuple[str | int, ...] = (pay, str(pay), f"{pay / 1000:g}K", f"{pay}元/月", f"{pay}", "保密")
    return rng.choices(shapes, weights=(2, 4, 2, 3, 2, 1))[0]


def write_wish(rng: Random, low: int, high: int) -> str | int:
    """Write the salary somebody asks for, in yuan a month."""
    k_low, k_high = f"{low / 1000:g}", f"{high / 1000:g}"
    shapes: tuple[str | int, ...] = (
        f"{low}-{high}", f"{low}-{high}元/月", f"{k_low}-{k_high}K", f"{k_low}k-{k_high}k",
        f"{k_low}K以上", "面议", low,
    )  # fmt: skip
    return rng.choices(shapes, weights=(6, 3, 4, 2, 2, 2, 1))[0]


def write_years(rng: Random, months: int) -> str | int | float:
    """Write how long somebody has worked, as a number or one of several texts."""
    years = months // 12
    if years < 1:
        return (
            rng.choice(("应届", "应届", 0, "1年以下")) if months < 6 else rng.choice(("1年以下", 0.5, "1年"))
        )
    bucket = next(
        text
        for limit, text in ((3, "1-3年"), (5, "3-5年"), (10, "5-10年"), (99, "10年以上"))
        if years < limit
    )
    shapes: tuple[str | int | float, ...] = (years, f"{years}年", f"{years}年工作经验", bucket, years + 0.5)
    return rng.choices(shapes, weights=(5, 6, 1, 4, 1 if months % 12 >= 6 else 0))[0]


def say_years(rng: Random, months: int) -> str:
    """Say a length of experience in prose: `五年` style is left to poets, digits to the rest."""
    years = months // 12
    if years < 1:
        return "不到一年"
    return rng.choice((f"{years}年", f"{years}年多" if months % 12 > 2 else f"{years}年", f"近{years + 1}年"))


def join_words(rng: Random, words: Sequence[str]) -> str:
    """Join words with one of the marks people use."""
    return rng.choice(("、", "、", "，", ", ", "/")).join(words)
