"""From blocks of text to a resume: sections, labels, dates, names, works and schools, each with a confidence.

    read = read_resume(document)     # a `ReadResume`, or the reason why it is none

What words mean is data: `words.toml`, and `layouts/*.toml` for the big sites. Dates, pay, degrees and places
are read by the engine's own readers, in `engine.matching`, with the tables of `config.data`.

From the bottom up: `lines`, `periods`, `words`, `labels`, `mending`, `names`, `contacts`, `pieces`; then
`sections`, `headers`, `forms`, `works`, `schools`, `person`. `resume` puts a resume together, and `kinds`
says what is none.
"""

from intake.reading.resume import read_resume

__all__ = ["read_resume"]
