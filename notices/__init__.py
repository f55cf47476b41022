"""Notices: a word to a recruiter who is away, at a decent hour, once, when a strong match waits unread.

`schedule` says when, `wording` says what, `ways` how, and `sender` does it.
"""
