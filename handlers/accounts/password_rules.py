"""Which passwords may be chosen. Whatever may be chosen, a login takes."""

from __future__ import annotations

from collections.abc import Set

from handlers.accounts.passwords import LENGTHS
from store.accounts.accounts import fold_email


class PasswordRules:
    """The rules. Holds no state and may be used from any thread.

    Args:
        common: The passwords that most people choose, and guessers try first, in lower case.
    """

    def __init__(self, common: Set[str]) -> None:
        self._common = common

    def errors(self, password: str, email: str) -> list[str]:
        """What is wrong with a password for the account of an address; nothing for a good one."""
        if len(password) not in LENGTHS:
            return ["密码长度应为 8 到 128 个字符"]
        if not password.strip():
            return ["密码不能全是空白"]
        if password.lower() in self._common:
            return ["这个密码太常见，请换一个"]
        if fold_email(password) == fold_email(email):
            return ["密码不能是邮箱本身"]
        return []
