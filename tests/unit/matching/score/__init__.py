"""Tests of `engine/matching/score/`."""
