"""Tests that are pure and fast.

A folder is called as the room that it tests, without `engine/`, `intake/` or `store/` before it:
`matching/lexicon` tests `engine/matching/lexicon`. What has no folder of its own is tested in `engine`,
`handlers`, `intake` or `store`. Beside the folders are tests of the project as a whole, and those of rooms
that have one file of them.
"""
