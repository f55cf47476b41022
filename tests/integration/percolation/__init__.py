"""Tests of `engine/percolation/`, in one process and over shares."""
