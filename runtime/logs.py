"""Logging: one JSON object a line on standard error, with the request's id.

    logger.info("feed scored", extra={"data": {"feed": feed.id, "rev": feed.rev}})

A message is the same words each time; what differs goes into `data`. Neither ever holds personal data, tokens
or texts of a resume: ids alone say whom a line is about. Of an error whose text may quote a person,
`kind_and_place` says what a line may.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON: time, level, logger, message, request id, and its `data`."""

    def __init__(self, current_request: Callable[[], str]) -> None:
        super().__init__()
        self._current_request = current_request

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`, without a line end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := self._current_request():
            line["request_id"] = request
        line.update(getattr(record, "data", {}))
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainFormatter(logging.Formatter):
    """Formats a record for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`, without a line end."""
        text = f"{datetime.fromtimestamp(record.created).astimezone():%H:%M:%S} {record.levelname[0]} "
        text += f"{record.name}: {record.getMessage()}"
        if data := getattr(record, "data", None):
            text += " " + " ".join(f"{key}={value}" for key, value in data.items())
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


def set_up_logs(current_request: Callable[[], str] = str) -> None:
    """Send every log record to standard error: plain lines at a terminal, JSON elsewhere.

    The id of the request in whose context it is called, or "", comes from `current_request`.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(PlainFormatter() if sys.stderr.isatty() else JsonFormatter(current_request))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Drivers log every reconnect with its stack, where ours log one line. Tornado quotes the header of a
    # malformed request, which may be a credential. The parser of forms warns of each that is broken.
    for noisy in ("pymongo", "asyncio", "tornado.access", "tornado.general", "python_multipart"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    # They are chatty below warnings.
    for chatty in ("jieba", "imapclient"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def kind_and_place(error: BaseException) -> str:
    """The type of an error, and file and line, as `ValueError at salary.py:12`."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"
