"""Measurements: how good the matching is, how fast it is, and how the server behaves under load.

`python -m bench` measures everything that has a limit. `bench.match`, `bench.quality` and `bench.backfill`
are about matching. Nothing here is used by the server, and nothing is taken from `tests/`.
"""
