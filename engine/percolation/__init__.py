"""Percolation: new resumes against all feeds."""
