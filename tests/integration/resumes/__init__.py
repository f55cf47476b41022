"""Tests of `store/resumes/`."""
