"""`make bench-match`: how fast the matching is by itself, without a server and without stores.

`feeds` measures resumes against live feeds, `resumes` a feed against stored resumes, `against` two checkouts.
`data` makes feeds and resumes of real texts, `rivals` are three search engines, and `contest` measures them
and ours in turns. How good the lists are is measured in `bench.quality`.
"""
