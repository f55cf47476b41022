"""`make bench-match`: how fast the matching is by itself, without a server and without stores.

`feeds` measures resumes against live feeds, `resumes` a feed against stored resumes. `data` makes feeds and
resumes of real texts, and `contest` measures in turns. How good the lists are is measured in `bench.quality`.
"""
