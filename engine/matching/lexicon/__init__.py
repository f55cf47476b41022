"""What words and short fields mean.

Two kinds of files live here. Tables built from the rows that `config` loads: skills and cues (`lexicon`),
occupations and titles, places, schools, domains; `rows` says what such a row has. And readers of one short
field, without any table: salaries, years of work, degrees. Reading a whole text or a whole resume is the
business of `analysis`.
"""
