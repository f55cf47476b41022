"""Tests of `handlers/ingest/`."""
