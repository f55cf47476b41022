"""Tests of `engine/` without `engine/matching/`."""
