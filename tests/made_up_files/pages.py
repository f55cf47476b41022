"""The layouts that Chromium prints: one column, a sidebar, a form of tables, a line of facts at the top."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from tests.made_up_files.hand import Hand
from tests.made_up_files.person import Job, Person

# Chromium writes the outlines of the first two, which are OpenType, as fonts of type 3, and embeds the last
# one, which is TrueType, as a CID font. Most PDFs of Word are like the latter.
FONTS = ("Noto Sans CJK SC", "Noto Serif CJK SC", "Droid Sans Fallback")


def page(hand: Hand, body: str, css: str = "") -> str:
    """A page in one of the fonts."""
    font = hand.rng.choice(FONTS)
    size = hand.rng.choice((9, 10, 10.5, 12))
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><style>'
        f"@page{{size:A4;margin:{hand.rng.choice((12, 16, 20))}mm}}"
        f'body{{font:{size}pt/{hand.rng.choice((1.4, 1.6, 1.8))} "{font}","Noto Sans CJK SC";margin:0;'
        "color:#222;font-synthesis:none}"
        "h1{font-size:1.9em;margin:0 0 .2em}h2{font-size:1.25em;margin:.8em 0 .3em}p{margin:.1em 0}"
        "table{border-collapse:collapse;width:100%}.row{display:flex;justify-content:space-between}"
        f"{css}</style></head><body>{body}</body></html>"
    )


def paragraphs(lines: Iterable[str]) -> str:
    """A paragraph a line; two blanks become room between parts of a line."""
    return "".join(f"<p>{escape(line).replace('  ', '&emsp;&emsp;')}</p>" for line in lines)


def apart(line: str, mark: str = "b") -> str:
    """A line whose parts stand apart over its whole width, the first one bold."""
    first, *others = line.split("  ")
    spans = "".join(f"<span>{escape(part)}</span>" for part in others)
    return f'<div class="row"><{mark}>{escape(first)}</{mark}>{spans}</div>'


def plain(person: Person, hand: Hand) -> str:
    """One column: the name on top, a line or two of facts, headings with a rule below."""
    facts = hand.facts(person)
    name = facts.pop("name")
    if hand.rng.random() < 0.5:
        top = paragraphs(hand.pair(*item) for item in facts.items())
    else:
        mark = hand.rng.choice((" | ", "  ", " · "))
        texts = [hand.pair(*one) if one[0] in ("phone", "email") else one[1] for one in facts.items()]
        half = (len(texts) + 1) // 2
        top = paragraphs([mark.join(texts[:half]), mark.join(texts[half:])])
    sections = "".join(
        f"<h2>{escape(title)}</h2>{_section(person, hand, key)}" for key, title in hand.sections(person)
    )
    title = hand.rng.choice(("", "", "<p>个人简历</p>", "<h2>个人简历</h2>"))
    align = hand.rng.choice(("left", "center"))
    return page(hand, f'<div style="text-align:{align}">{title}<h1>{escape(name)}</h1>{top}</div>{sections}',
                "h2{border-bottom:1px solid #888}")  # fmt: skip


def _section(person: Person, hand: Hand, key: str) -> str:
    if key == "jobs":
        return "".join(_job(hand, job) for job in person.jobs)
    if key == "schools":
        return "".join(apart(line) if "  " in line else paragraphs([line])
                       for one in person.schools for line in hand.school_lines(one))  # fmt: skip
    return paragraphs(hand.plain_lines(person, key))


def _job(hand: Hand, job: Job) -> str:
    heads = "".join(apart(line) if "  " in line else f"<p>{escape(line)}</p>" for line in hand.job_lines(job))
    if hand.bullet and not any(line[:1] in "-0123456789" for line in job.lines):
        return heads + "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in job.lines) + "</ul>"
    return heads + paragraphs(hand.desc_lines(job))


def sidebar(person: Person, hand: Hand) -> str:
    """Two columns: contact, wishes and skills at the side, the rest beside it."""
    facts = hand.facts(person)
    name = facts.pop("name")
    of_side = {"target", "skills", "certificates"}
    titled = hand.sections(person)
    side = f"<h1>{escape(name)}</h1><p>{escape(person.career)}</p><h2>{escape(hand.heading('basic'))}</h2>"
    side += paragraphs(hand.pair(*item) for item in facts.items())
    for key, title in titled:
        if key in of_side:
            side += f"<h2>{escape(title)}</h2>{paragraphs(hand.plain_lines(person, key))}"
    main = "".join(
        f"<h2>{escape(title)}</h2>{_section(person, hand, key)}"
        for key, title in titled
        if key not in of_side
    )
    width = hand.rng.choice((26, 30, 34))
    where = hand.rng.choice(("left", "left", "left", "right"))
    css = (
        f".side{{float:{where};width:{width}%;background:{hand.rng.choice(('#eee', '#fff', '#dde'))};"
        f"box-sizing:border-box;padding:2mm;overflow-wrap:anywhere}}.main{{margin-{where}:{width + 3}%}}"
    )
    return page(hand, f'<div class="side">{side}</div><div class="main">{main}</div>', css)


def form(person: Person, hand: Hand) -> str:
    """Tables with borders: labels and values in cells, a job a few rows."""
    facts = hand.facts(person)
    name = facts.pop("name")
    parts = [f"<h1>{escape(name)}</h1>", cells(hand, facts)]
    for key, title in hand.sections(person):
        parts.append(f'<h2 class="band">{escape(title)}</h2>')
        if key == "target":
            parts.append(cells(hand, hand.wishes(person)))
        elif key == "jobs":
            parts.append("<table>" + "".join(_form_job(hand, job) for job in person.jobs) + "</table>")
        elif key == "schools":
            rows = (
                (hand.span(one.start, one.end), one.school, one.major, one.degree) for one in person.schools
            )
            parts.append(f"<table>{''.join(table_row(row) for row in rows)}</table>")
        else:
            parts.append(f"<table><tr><td>{paragraphs(hand.plain_lines(person, key))}</td></tr></table>")
    border = hand.rng.choice(("1px solid #999", "1px solid #ccc", "0"))
    return page(
        hand,
        "".join(parts),
        f"td{{border:{border};padding:3px 6px;vertical-align:top}}.band{{background:#e8eef5}}",
    )


def table_row(texts: Iterable[str]) -> str:
    """A row of cells."""
    return "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in texts) + "</tr>"


def cells(hand: Hand, facts: dict[str, str]) -> str:
    """Labels and values in cells of their own, two pairs a row; of some hands with a colon."""
    colon = hand.rng.choice(("", "：", ":"))
    items = [(hand.label(key) + colon, value) for key, value in facts.items()]
    rows = [items[at : at + 2] for at in range(0, len(items), 2)]
    return "<table>" + "".join(table_row(text for item in row for text in item) for row in rows) + "</table>"


def _form_job(hand: Hand, job: Job) -> str:
    scale = f"（{job.scale}）" if job.scale else ""
    duration = f"[{job.duration}]" if job.duration else ""
    span = hand.span(job.start, job.end)
    rows = [
        f'<tr><td colspan="2"><b>{escape(f"{span}：{job.company}{scale}{duration}")}</b></td></tr>',
        table_row([hand.label("title") + "：", job.title]),
    ]
    if job.industry:
        rows.insert(1, table_row(["所属行业：", job.industry]))
    if job.department:
        rows.append(table_row(["部门：", job.department]))
    if job.salary and job.salary != "保密":
        rows.append(table_row(["月薪：", job.salary]))
    rows.append(f"<tr><td>{escape(hand.label('desc'))}：</td><td>{paragraphs(job.lines)}</td></tr>")
    return "".join(rows)


def line_of_facts(person: Person, hand: Hand) -> str:
    """A name, a line of bare facts between bars, a line of wishes; 内容 and 业绩 below a job."""
    bar = hand.rng.choice((" | ", " | ", "｜", " / "))
    said = [person.gender, f"{person.age}岁" if person.age else "", person.years]
    said += [person.schools[0].degree] if person.schools else []
    wishes = [
        (hand.label("career"), person.career),
        (hand.label("salary"), person.salary),
        (hand.label("area"), person.area),
    ]
    contact = [hand.phone(one) for one in person.phones] + [person.email]
    parts = [
        f"<h1>{escape(hand.name(person))}</h1>",
        paragraphs([bar.join(text for text in said if text)]),
        paragraphs([bar.join(text for text in contact if text)]),
        paragraphs([bar.join(f"{label}：{value}" for label, value in wishes if value)]),
    ]
    for key, title in hand.sections(person):
        if key == "target":
            continue
        parts.append(f"<h2>{escape(title)}</h2>")
        if key == "jobs":
            parts.extend(_barred_job(hand, job) for job in person.jobs)
        elif key == "schools":
            for one in person.schools:
                line = "  ".join(
                    text
                    for text in (f"{one.school}", bar.join(filter(None, (one.degree, one.major))))
                    if text
                )
                parts.append(apart(f"{line}  {hand.span(one.start, one.end)}".rstrip()))
        elif key == "skills":
            chips = "".join(f"<span>{escape(text)}</span>&nbsp; " for text in person.skills)
            parts.append(f"<p>{chips}</p>")
        else:
            parts.append(_section(person, hand, key))
    return page(hand, "".join(parts), "h2{border-left:4px solid #0aa;padding-left:6px}")


def _barred_job(hand: Hand, job: Job) -> str:
    head = apart(f"{job.company}  {job.title}  {hand.span(job.start, job.end)}")
    cut = max(1, len(job.lines) - 1)
    texts = [
        f"内容：{job.lines[0]}" if not job.lines[0].startswith("工作内容") else job.lines[0],
        *job.lines[1:cut],
    ]
    if job.lines[cut:]:
        texts.append(f"业绩：{job.lines[cut]}")
    return head + paragraphs(texts)
