"""`make bench-quality`: how good the lists are, against graded judgements.

`data` is what was judged, `lists` what the engine makes of it in this process, and `api` what a server does.
`measures` and `tiers` say how good that is. `calibrate` writes into the rules what it learns; `learned` is
what it learns from. How fast the matching is stands in `bench.match`.
"""
