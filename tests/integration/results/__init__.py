"""Tests of `store/results/`."""
