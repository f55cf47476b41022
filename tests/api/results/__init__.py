"""Tests of `handlers/results/`."""
