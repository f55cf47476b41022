"""Tests of `bench/`: what it computes, without a server."""
