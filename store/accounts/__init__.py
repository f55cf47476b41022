"""Accounts, operators, their sessions and tokens."""
