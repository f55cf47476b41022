"""Tables of people, as CSV or from a spreadsheet: read in a child process, imported a piece at a time.

    table = await importer.take("people.xlsx", data, source="headhunter", sheet="")
    table.mapping                                       # proposed: {0: "name", 1: "phone"}
    outcomes = await importer.import_next(table)        # again and again

From the bottom up: `limits`, `fields` (what a column may be, and what it probably is), `cells` (from
bytes to rows of text), `reading` (in the child: all of that), `records` (a row to a resume), `importing`.
"""
