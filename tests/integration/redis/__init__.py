"""Tests of `store/redis/`."""
