"""Passwords in a command: read from standard input, checked, and hashed."""

from __future__ import annotations

import sys

import click

from config.data import load_common_passwords
from handlers.accounts.passwords import PasswordRules, Passwords


def first_line() -> str:
    """The first line of standard input.

    Raises:
        ClickException: It is not UTF-8.
    """
    try:
        return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.ClickException("the password is not UTF-8") from None


def errors(secret: str, email: str) -> list[str]:
    """What is wrong with a password for the account of an address; nothing for a good one."""
    return PasswordRules(load_common_passwords()).errors(secret, email)


def require_good(secret: str, email: str) -> None:
    """See that a password may be chosen; else the command ends."""
    if wrong := errors(secret, email):
        raise click.ClickException(f"the password does not do: {wrong[0]}")


async def hashed(secret: str) -> str:
    """The hash of a password."""
    passwords = Passwords()
    try:
        return await passwords.hash(secret)
    finally:
        passwords.close()
