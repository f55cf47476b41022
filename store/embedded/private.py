"""What keeps the files of a data directory from other users of the machine.

It imports the standard library alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

PASSWORD = "store_password"  # noqa: S105 - a file's name
"""The file with the password of the embedded stores."""

_OURS = (
    *("mongo", "redis", "*.log", "*.log.1", "stores.*", PASSWORD),
    *("ingest_token", "secret_key", "*.snapshot"),
)
"""What this project keeps in a data directory. Other things that lie there are left as they are, and so is
the directory itself: it may be one that others need to reach."""

_PASSWORD_BYTES = 32


def keep_private(data_dir: Path) -> None:
    """Let nobody but this user read what this process makes, and what is in a data directory already.

    Closing `mongo` and `redis` closes all that is in them.
    """
    os.umask(0o077)
    for pattern in _OURS:
        for path in data_dir.glob(pattern):
            # It may be another user's, or gone by now.
            with contextlib.suppress(OSError):
                path.chmod(path.stat().st_mode & 0o700, follow_symlinks=True)


def kept_password(data_dir: Path) -> str:
    """Read the password of the embedded stores, or make it once. Only the supervisor calls this.

    A file that holds no such password counts as missing: the stores then get the new one.
    """
    path = data_dir / PASSWORD
    with contextlib.suppress(OSError, ValueError):
        password = path.read_text("ascii").strip()
        # As made below: nothing in it has to be quoted in a URL or in a configuration.
        if re.fullmatch(r"[\w-]{40,}", password):
            return password
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    fresh = path.with_name(f".{PASSWORD}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(password + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return password
