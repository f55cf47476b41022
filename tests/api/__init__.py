"""Tests with one server, which they ask by HTTP.

A folder is called as the room of `handlers/` that it tests. Beside the folders are tests of all endpoints
together, that of the page, and what several folders share.
"""
