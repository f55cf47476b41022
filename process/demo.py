"""The demo, played against the server of this very process."""

from __future__ import annotations

import logging
import secrets

from config.demo.phone import Phone
from config.demo.play import DEMO_OPERATOR, play
from handlers.accounts.passwords import Passwords
from store.accounts.operators import Operators

logger = logging.getLogger(__name__)


async def play_here(
    port: int, ingest_token: str, phone: Phone | None, operators: Operators, passwords: Passwords
) -> None:
    """Play it to its end; where it fails it ends early, and the server does not.

    There is no phone where the apps are real ones. The collections have to be there.
    """
    try:
        desk_password = await _make_operator(operators, passwords)
        await play(f"http://127.0.0.1:{port}", ingest_token, phone, desk_password=desk_password)
    except Exception:
        logger.exception("the demo ends early")


async def _make_operator(operators: Operators, passwords: Passwords) -> str:
    """Make an operator, or give the one of the last demo a new password; returns that.

    Operators are made from a shell alone, never over HTTP, and a demo has nobody to type it.
    """
    password = secrets.token_urlsafe(9)
    password_hash = await passwords.hash(password)
    found = await operators.find_by_email(DEMO_OPERATOR)
    if found is None:
        await operators.create(DEMO_OPERATOR, password_hash, "admin")
    else:
        await operators.set_password(found, password_hash)
    return password
