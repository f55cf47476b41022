"""Tests of `handlers/live/`."""
