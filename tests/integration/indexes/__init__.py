"""Tests of `engine/indexes/`: feeds and resumes in memory, and their snapshots."""
