"""Tests of `handlers/feeds/`."""
