"""Tests of `handlers/people/`."""
