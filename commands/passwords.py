"""Passwords in a command: read from standard input, and hashed."""

from __future__ import annotations

import sys

import click

from handlers.accounts.passwords import Passwords


def first_line() -> str:
    """The first line of standard input.

    Raises:
        ClickException: It is not UTF-8.
    """
    try:
        return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.ClickException("the password is not UTF-8") from None


async def hashed(secret: str) -> str:
    """The hash of a password."""
    passwords = Passwords()
    try:
        return await passwords.hash(secret)
    finally:
        passwords.close()
