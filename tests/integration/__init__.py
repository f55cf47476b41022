"""Tests with real stores and several processes.

A folder is called as the room that it tests, without `engine/` or `store/` before it; `ends` tests those of
both. What has no folder of its own is tested in `engine` or `store`. Beside the folders are tests of the
project as a whole, those of rooms that have one file of them, and what several folders share.
"""
