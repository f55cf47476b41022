"""Resumes that come in, as JSON or as files, and the erasure of a person."""
