"""Tests of the rooms of `engine/` that have no folder here: learning and previews."""
