"""The layouts of Word: paragraphs alone, and tables."""

from __future__ import annotations

from tests.made_up_files import docx
from tests.made_up_files.docx import cell, paragraph, table, text_box
from tests.made_up_files.hand import Hand
from tests.made_up_files.person import Person


def plain(person: Person, hand: Hand) -> bytes:
    """Paragraphs; tabs between the parts of a line; at times the top in a text box."""
    facts = hand.facts(person)
    name = facts.pop("name")
    pieces = hand.rng.choice((1, 1, 2, 4))
    items = [hand.pair(*item) for item in facts.items()]
    a_line = hand.rng.choice((1, 2, 3))
    rows = ["\t".join(items[at : at + a_line]) for at in range(0, len(items), a_line)]
    top = [paragraph(name, bold=True, size=22), *(paragraph(row, pieces=pieces) for row in rows)]
    if hand.rng.random() < 0.3:
        top = [text_box(top)]
    if hand.rng.random() < 0.4:
        top.insert(
            0, paragraph(hand.rng.choice(("个人简历", "简 历", "求职简历")), bold=True, size=18, style="a3")
        )
    style = hand.rng.choice(("", "1"))
    parts = top
    for key, title in hand.sections(person):
        parts.append(paragraph(title, bold=True, size=14, style=style))
        if key == "jobs":
            for job in person.jobs:
                parts += [
                    paragraph(line.replace("  ", "\t"), bold=at == 0)
                    for at, line in enumerate(hand.job_lines(job))
                ]
                parts += [paragraph(line, pieces=pieces) for line in hand.desc_lines(job)]
                parts += [paragraph("")] * hand.rng.choice((0, 1))
        else:
            parts += [paragraph(line.replace("  ", "\t")) for line in hand.plain_lines(person, key)]
    return docx.document(parts, hand.rng.choice(("", "", "个人简历")))


def tables(person: Person, hand: Hand) -> bytes:
    """One table over the whole page: facts in cells, sections as bands, jobs in rows or a table within."""
    rows = _pair_rows(hand, hand.facts(person), bold=True)
    is_nested = hand.rng.random() < 0.3
    for key, title in hand.sections(person):
        rows.append([cell(title, span=4, bold=True)])
        if key == "target":
            rows += _pair_rows(hand, hand.wishes(person))
        elif key == "jobs":
            jobs = _job_rows(person, hand)
            rows += [[cell([table(jobs, 4)], span=4)]] if is_nested else jobs
        elif key == "schools":
            if hand.rng.random() < 0.5:
                rows.append(
                    [cell(hand.label(name), bold=True) for name in ("span", "school", "major", "degree")]
                )
            rows += [
                [cell(hand.span(one.start, one.end)), cell(one.school), cell(one.major), cell(one.degree)]
                for one in person.schools
            ]
        else:
            rows.append([cell([paragraph(line) for line in hand.plain_lines(person, key)], span=4)])
    top = [paragraph("个人简历", bold=True, size=18)] if hand.rng.random() < 0.6 else []
    return docx.document([*top, table(rows, 4)])


def _pair_rows(hand: Hand, facts: dict[str, str], *, bold: bool = False) -> list[list[str]]:
    """Two labels with their values a row, filled up with empty cells."""
    cells = [text for key, value in facts.items() for text in (cell(hand.label(key), bold=bold), cell(value))]
    cells += [cell("")] * (-len(cells) % 4)
    return [cells[at : at + 4] for at in range(0, len(cells), 4)]


def _job_rows(person: Person, hand: Hand) -> list[list[str]]:
    """The jobs: a head of one row or of labelled cells, and what was done below it."""
    is_labelled = hand.rng.random() < 0.5
    rows = []
    for job in person.jobs:
        span = hand.span(job.start, job.end)
        if is_labelled:
            rows.append(
                [cell(hand.label("company")), cell(job.company), cell(hand.label("title")), cell(job.title)]
            )
            rows.append([cell(hand.label("span")), cell(span, span=3)])
            rows.append([cell(hand.label("desc")), cell([paragraph(line) for line in job.lines], span=3)])
        else:
            rows.append([cell(span), cell(job.company, span=2), cell(job.title)])
            rows.append([cell([paragraph(line) for line in hand.desc_lines(job)], span=4)])
    return rows
