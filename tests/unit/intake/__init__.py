"""Tests of `intake/` and of its rooms that have no folder here: lines, tables, postings, the mailbox."""
