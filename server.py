"""One process of TalentFeed.

    python server.py --port 8888

Alone it is a complete system: without URLs of stores it starts embedded ones. `--roles` makes it one part of
a bigger one. What happens from its start to its stop is `process.life`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Sequence

from config.settings import Settings, load_settings
from config.takes import SettingError
from process.beginning import begin
from runtime.roles import ROLES
from store.embedded.private import keep_private


async def serve(settings: Settings, *, demo: bool) -> int:
    """Run a server until SIGTERM or SIGINT; returns the exit status."""
    begun = await begin(settings)
    # A third of a start is this import, and the embedded stores start meanwhile. Nothing that it makes is
    # garbage, and to look for some takes a sixth of it.
    gc.disable()
    from process.running import run

    gc.enable()
    return await run(settings, begun, demo=demo)


def main(argv: Sequence[str]) -> int:
    """Read the settings and serve.

    Returns:
        The exit status: 0 after an ordered stop, 2 for a bad setting, 1 for everything else.
    """
    try:
        settings, demo = load_settings(argv, os.environ)
        if demo and settings.roles != {*ROLES}:
            raise SettingError("--demo plays both roles in one process: leave --roles out")
        keep_private(settings.data_dir)
        return asyncio.run(serve(settings, demo=demo))
    except SettingError as error:
        print(f"server.py: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
