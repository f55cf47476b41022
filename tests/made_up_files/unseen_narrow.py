"""Pages whose text is broken, as it stands in narrow columns and cells: a rail at the side, a register."""

from __future__ import annotations

from html import escape

from tests.made_up_files.dates import in_chinese, joined, span, with_dots
from tests.made_up_files.hand import Hand
from tests.made_up_files.pages import FONTS
from tests.made_up_files.person import Person


def _page(hand: Hand, css: str, body: str) -> str:
    font = hand.rng.choice(FONTS)
    return (
        "<!DOCTYPE html><html><head><meta charset=utf-8><style>@page{size:A4;margin:15mm}"
        f'body{{font:{hand.rng.choice((9.5, 10, 11))}pt/1.5 "{font}","Noto Sans CJK SC";margin:0;'
        f"font-synthesis:none}}p{{margin:0}}{css}</style></head><body>{body}</body></html>"
    )


def _paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line)


def rail(person: Person, hand: Hand) -> str:
    """A narrow rail with contact and skills, in which addresses break; beside it jobs and schools."""
    contact = [*person.phones, person.email, person.address]
    side = "".join(
        f"<h3>{title}</h3>{_paragraphs(lines)}"
        for title, lines in (
            ("联系我", contact),
            ("基本资料", [joined(" ", person.gender, f"{person.age}岁" if person.age else "")]),
            ("意向", [person.career]),
            ("擅长", person.skills),
        )
        if any(lines)
    )
    jobs = "".join(
        f"<div class=head><b>{escape(job.title)}</b>"
        f"<i>{escape(span(job.start, job.end, with_dots, ' – '))}</i></div>"
        f"<p>{escape(job.company)}</p>{_paragraphs(job.lines)}"
        for job in person.jobs
    )
    schools = "".join(
        f"<div class=head><b>{escape(one.school)}</b>"
        f"<i>{escape(span(one.start, one.end, with_dots, ' – '))}</i></div>"
        f"<p>{escape(joined(' / ', one.major, one.degree))}</p>"
        for one in person.schools
    )
    sections = [("从业经历", jobs), ("求学经历", schools), ("个人评述", _paragraphs(person.about))]
    main = "".join(f"<h2>{title}</h2>{text}" for title, text in sections if text)
    width = hand.rng.choice((32, 36, 40))
    css = (
        f".rail{{float:right;width:{width}mm;border-left:1px solid #bbb;padding-left:4mm;"
        f"overflow-wrap:anywhere}}.main{{margin-right:{width + 9}mm}}i{{font-style:normal}}"
        ".head{display:flex;justify-content:space-between}h3{font-size:1.1em;margin:1em 0 0}"
        "h2{font-size:1.3em;margin:.6em 0 .2em}"
    )
    top = f"<h1>{escape(person.name)}</h1>"
    return _page(hand, css, f'{top}<div class="rail">{side}</div><div class="main">{main}</div>')


def appointments(person: Person, hand: Hand) -> str:
    """A register with drawn lines: narrow columns, cells of several lines, a label over many rows."""

    def row(cells: list[str], label: tuple[str, int] | None = None) -> str:
        first = f"<th rowspan={label[1]}>{label[0]}</th>" if label else ""
        return f"<tr>{first}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"

    facts = [
        ("姓　名", person.name),
        ("性　别", person.gender),
        ("手　机", person.phones[0]),
        ("电子邮件", person.email),
        ("现住址", person.address),
        ("申请岗位", person.career),
    ]
    pairs = [one for one in facts if one[1]]
    body = "".join(
        "<tr>"
        + "".join(f"<th>{label}</th><td colspan=2>{escape(value)}</td>" for label, value in two)
        + "</tr>"
        for two in (pairs[at : at + 2] for at in range(0, len(pairs), 2))
    )
    tables = [f"<table>{body}</table>"]
    dash = hand.rng.choice(("至", "—", "-"))
    schools = [
        [span(one.start, one.end, in_chinese, dash), one.school, one.major, one.degree]
        for one in person.schools
    ]
    jobs = [
        [span(job.start, job.end, in_chinese, dash), job.company, job.title, "；".join(job.lines)]
        for job in person.jobs
    ]
    for title, heads, rows in (
        ("教育经历", ["起止时间", "毕业院校", "所学专业", "学历"], schools),
        ("工作经历", ["起止时间", "工作单位", "职务", "主要工作"], jobs),
    ):
        if rows:
            first = row(heads, (title, len(rows) + 1))
            tables.append(f"<table class=grid>{first}{''.join(map(row, rows))}</table>")
    about = "".join(person.about)
    if about:
        tables.append(f"<table><tr><th>自我评价</th><td>{escape(about)}</td></tr></table>")
    narrow = hand.rng.choice((20, 24, 28))
    css = (
        "table{border-collapse:collapse;width:100%;margin-bottom:-1px;table-layout:fixed}"
        "td,th{border:1px solid #000;padding:1mm;font-weight:normal;overflow-wrap:anywhere}"
        f"th{{width:16mm;text-align:center}}.grid td:nth-of-type(1){{width:{narrow}mm}}"
        f".grid td:nth-of-type(2){{width:{narrow + 8}mm}}.grid td:nth-of-type(3){{width:{narrow}mm}}"
    )
    return _page(hand, css, f"<center><h2>应聘人员登记表</h2></center>{''.join(tables)}")
