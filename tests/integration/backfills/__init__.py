"""Tests of `engine/backfills/`, and of `store/feeds/` where it holds them."""
