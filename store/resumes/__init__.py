"""Resumes, their profiles and contacts, and which of them wait to be scored."""
