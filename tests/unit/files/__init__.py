"""Tests of `intake/files/`, and small files of each kind for them."""
