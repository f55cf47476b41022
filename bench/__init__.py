"""Measurements: how good the matching is, and how fast."""
