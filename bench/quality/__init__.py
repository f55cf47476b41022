"""`make bench-quality`: how good the lists are, against graded judgements.

`data` is what was judged, `lists` what the engine makes of it in this process, and `api` what a server does.
`measures`, `tiers` and `pooled` say how good that is; `baselines` are others' lists, `learned` and `left_out`
lists by what was learned, and by a lexicon with gaps. `ablation` takes parts of the matching out, `calibrate`
writes what it learns into the rules. How fast the matching is stands in `bench.match`.
"""
