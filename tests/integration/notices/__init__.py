"""Tests of `notices/`, and accounts with results for them."""
