"""Tests of `store/persons/`."""
