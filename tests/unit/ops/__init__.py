"""Tests of `ops/`, and of the other files by which TalentFeed is run."""
