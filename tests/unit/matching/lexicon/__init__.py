"""Tests of `engine/matching/lexicon/`."""
