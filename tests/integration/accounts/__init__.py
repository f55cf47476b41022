"""Tests of `store/accounts/`: what accounts and their sessions are, may do and leave."""
