"""Tests of `notices/`."""
