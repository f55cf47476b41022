"""Tests of `handlers/handover/`."""
