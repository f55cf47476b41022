"""Tests of `handlers/accounts/`."""
