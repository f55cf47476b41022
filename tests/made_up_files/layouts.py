"""The ten layouts, and the files of people in them.

for truth, data in made_up_files(LAYOUTS, each=2):
    truth.file, truth.record
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

import msgspec

from tests.made_up_files import mails, pages, texts, web, word
from tests.made_up_files.hand import Hand
from tests.made_up_files.person import Person, people
from tests.made_up_files.printing import Printer
from tests.made_up_files.truth import Truth

_NOTHING: dict[str, str | list[str]] = {
    "gender": "",
    "address": "",
    "years": "",
    "salary": "",
    "area": "",
    "wanted_industry": "",
    "category": "",
    "state": "",
    "projects": [],
    "skills": [],
    "certificates": [],
    "campus": [],
}
Write = Callable[[Person, Hand], bytes | str]


class Layout(msgspec.Struct, frozen=True):
    """One way to set a resume.

    Attributes:
        suffix: How its files are named, which need not be what they are.
        write: The file's bytes, or HTML to be printed.
        leaves_out: Fields of a person that it never shows, so that they are not true of its files either.
    """

    name: str
    suffix: str
    write: Write
    leaves_out: tuple[str, ...] = ()


LAYOUTS = (
    Layout("pdf, one column", "pdf", pages.plain),
    Layout("pdf, sidebar", "pdf", pages.sidebar),
    Layout("pdf, form", "pdf", pages.form),
    Layout("pdf, line of facts", "pdf", pages.line_of_facts),
    Layout("docx, paragraphs", "docx", word.plain),
    Layout("docx, tables", "docx", word.tables),
    Layout("html of a site", "html", web.site),
    Layout("mht named doc", "doc", web.mht),
    Layout(
        "mail, utf-8 or gbk",
        "eml",
        lambda person, hand: hand.rng.choice((mails.in_utf8, mails.in_gbk))(person, hand),
    ),
    Layout("plain text", "txt", texts.text),
)


def made_up_files(
    layouts: Sequence[Layout] = LAYOUTS, *, each: int = 20, seed: int = 1
) -> Iterator[tuple[Truth, bytes]]:
    """Files of so many people in each layout, different ones; the same people for the same seed.

    Args:
        layouts: In which layouts.
        each: How many people in each.
        seed: Of the people and of their hands.
    """
    drawn = people(each * len(layouts), seed)
    with Printer() as printer:
        for number, person in enumerate(drawn):
            layout = layouts[number % len(layouts)]
            person = msgspec.structs.replace(
                person, **{field: _NOTHING[field] for field in layout.leaves_out}
            )
            hand = Hand(Random(f"{seed}/{layout.name}/{number}"))
            written = layout.write(person, hand)
            if isinstance(written, str):
                written = printer.pdf(written, has_footer=hand.rng.random() < 0.2)
            name = f"{number:04d}.{layout.suffix}"
            yield Truth(name, layout.name, person.record(), person.latin_name, person.phones), written
