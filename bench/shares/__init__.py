"""A million feeds, divided over several scorers: `python -m bench.shares`, and a chapter of `make scale`.

`many_feeds` makes up feeds and resumes of a whole country, `indexes` measures the shares by themselves, and
`served` as real servers. What shares do beside the other roles is compared in `bench.scale`.
"""
