"""From blocks of text to a resume: sections, labels, dates, names, works and schools, each with a confidence.

    read = read_resume(document)     # a `ReadResume`, or the reason why it is none

The layouts of the big sites are data, `layouts/*.toml`. Dates, pay, degrees and places are read by the
engine's own readers, in `engine.matching`.
"""
