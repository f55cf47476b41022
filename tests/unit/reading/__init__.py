"""Tests of `intake/reading/`."""
