"""Tests of `handlers/`: what of it needs no server."""
