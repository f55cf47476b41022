"""Backfills: submitted feeds against the stored resumes."""
