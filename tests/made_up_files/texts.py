"""Plain text, as a file or in a mail."""

from __future__ import annotations

from tests.made_up_files.hand import Hand
from tests.made_up_files.person import Person

_CODECS = ("utf-8", "utf-8", "utf-8-sig", "gb18030", "gb18030", "utf-16")


def text_of(person: Person, hand: Hand) -> str:
    """The resume in lines."""
    facts = hand.facts(person)
    lines = []
    if hand.rng.random() < 0.4:
        lines += [hand.rng.choice(("个人简历", "简历", "Resume 简历")), ""]
    if hand.rng.random() < 0.3:
        lines.append(facts.pop("name"))
    items = [hand.pair(*item) for item in facts.items()]
    a_line, room = hand.rng.choice(((1, ""), (2, "    "), (3, "  "), (2, "\t")))
    lines += [room.join(items[at : at + a_line]) for at in range(0, len(items), a_line)]
    indent = hand.rng.choice(("", "", "　　", "    "))
    rule = hand.rng.choice(("", "", "----------------------", "=========="))
    for key, title in hand.sections(person):
        lines += ["", title] + ([rule] if rule else [])
        if key == "jobs":
            for job in person.jobs:
                lines += [*hand.job_lines(job), *(indent + line for line in hand.desc_lines(job))]
                lines += [""] * hand.rng.choice((0, 1))
        else:
            lines += [indent + line for line in hand.plain_lines(person, key)]
    return "\n".join(lines)


def text(person: Person, hand: Hand) -> bytes:
    """A text file in one of the encodings that are met."""
    return (
        text_of(person, hand).replace("\n", hand.rng.choice(("\n", "\r\n"))).encode(hand.rng.choice(_CODECS))
    )
