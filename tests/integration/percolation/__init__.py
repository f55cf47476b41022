"""Tests of `engine/percolation/`, in one process and in several side by side."""
