"""Tests of `intake/`, but of `intake/mailbox/`."""
