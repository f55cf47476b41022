"""Tests of `engine/matching/text/`."""
