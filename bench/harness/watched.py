"""`server.py`, whose log names the commands that MongoDB did not answer in time: it goes on with them."""

import logging
import sys

from pymongo.monitoring import CommandFailedEvent, CommandListener

import server
from store import mongo

TOLD = "given up by the server"


class GivenUp(CommandListener):
    """Called by the driver, on whichever thread it sends a command."""

    def _nothing(self, _: object) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None:
        """Tell of one that took as long as it may."""
        if event.duration_micros >= mongo.TIMEOUT_S * 1e6:
            logging.getLogger("bench").warning("%s: %s", TOLD, event.command_name)

    started = succeeded = _nothing  # type: ignore[assignment]


if __name__ == "__main__":
    mongo.listeners = lambda: [GivenUp()]
    sys.exit(server.main(sys.argv[1:]))
