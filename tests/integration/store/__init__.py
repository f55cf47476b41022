"""Tests of `store/` and of its rooms that have no folder here."""
