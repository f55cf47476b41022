"""Tests of `engine/ends/` and `store/ends/`: erasures and retention."""
