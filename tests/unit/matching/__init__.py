"""Tests of `engine/matching/` as a whole, and of its `analysis`, `learned` and `feedback`."""
