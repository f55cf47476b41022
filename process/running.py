"""What `server.py` runs once it knows its settings: a server until a signal, and the exit status after it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys

from config.demo.phone import Phone
from config.settings import Settings
from config.takes import SettingError
from handlers.api.dependencies import MissingDependency
from handlers.api.replies import current_request
from handlers.operation.version import VERSION
from process.beginning import Begun
from process.life import Server
from runtime.logs import set_up_logs
from runtime.roles import in_words
from runtime.stacks import write_stacks_on_signal
from runtime.tracing import CannotTrace, send_traces
from store.embedded.client import StoresFailed
from store.errors import BadUrl, NoReplicaSet, OtherRelease
from store.tracing import trace_commands

logger = logging.getLogger("talentfeed")


async def run(settings: Settings, begun: Begun, *, demo: bool) -> int:
    """Serve until SIGTERM or SIGINT.

    Returns:
        The exit status: 0 after an ordered stop, 2 for a bad setting, 1 for everything else.
    """
    set_up_logs(current_request.get)
    if demo:
        # The person at the terminal reads where to look, not three requests a second.
        logging.getLogger("talentfeed.access").setLevel(logging.WARNING)
    about = {"service.version": VERSION, "talentfeed.roles": in_words(settings.roles)}
    try:
        with send_traces(os.environ, about) as is_traced:
            if is_traced:
                trace_commands()
            await _serve(settings, begun, demo=demo)
    except (BadUrl, SettingError) as error:
        print(f"server.py: {error}", file=sys.stderr)
        return 2
    except (StoresFailed, MissingDependency, CannotTrace) as error:
        print(f"server.py: {error}", file=sys.stderr)
        return 1
    except BaseExceptionGroup as group:
        # The operator went back to an older release, or to another MongoDB: one line says more than a stack.
        if told := group.subgroup((OtherRelease, NoReplicaSet)):
            print(f"server.py: {told.exceptions[0]}", file=sys.stderr)
            return 1
        logger.exception("a part failed, the process ends")
        return 1
    return 0


async def _serve(settings: Settings, begun: Begun, *, demo: bool) -> None:
    async with contextlib.AsyncExitStack() as stack:
        phone = None
        # An operator who tries apps of their own in the demo has a phone too.
        if demo and not (settings.wechat_mini_appid or settings.wechat_mp_appid or settings.wecom_corpid):
            phone = await stack.enter_async_context(Phone())
            settings = phone.connected(settings)
        server = Server(settings, demo=demo, phone=phone, begun=begun)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        write_stacks_on_signal()
        await server.run()
