"""Tests of `handlers/api/`: the HTTP around all endpoints, and its description."""
