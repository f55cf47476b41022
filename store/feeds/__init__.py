"""Feeds, their backfills, and what they learn."""
