"""Measurements: how good the matching is, how fast it is, and how the server behaves under load.

`python -m bench` measures everything that has a limit. Each folder is a room for one subject; `harness` is
what they share. Nothing here is used by the server, and nothing is taken from `tests/`.
"""
