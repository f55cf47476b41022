"""The only package that knows MongoDB and Redis: one file per collection, ids as 24 hex digits outside."""
