"""A test that fails says what it takes to see why, beside what pytest shows.

The last requests of its clients and frames of its sockets, the ends of the logs of its servers, and pictures
of the windows that it had open. The seed is above and below all of them, see `tests.order`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import EXCHANGES

_LOG_LINES = 30


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    """Add to the report of a failure while the fixtures of the test are still there."""
    report: Any = yield
    if report.failed:
        fixtures = getattr(item, "funcargs", {})
        report.sections += [(name, text) for name, text in _sections(item, fixtures, report.when) if text]
    if report.when == "teardown":
        EXCHANGES.clear()
    return report


def _sections(item: pytest.Item, fixtures: dict[str, Any], when: str) -> Iterator[tuple[str, str]]:
    yield "last requests", "\n".join(EXCHANGES)
    logs = {one.log for one in fixtures.values() if isinstance(getattr(one, "log", None), Path)}
    if "tmp_path" in fixtures:
        logs.update(fixtures["tmp_path"].rglob("*.log"))
    for log in sorted(logs):
        lines = log.read_text("utf-8", "replace").splitlines()[-_LOG_LINES:]
        yield f"end of {log}", "\n".join(lines)
    if "windows" in fixtures and when == "call":
        folder = item.config._tmp_path_factory.mktemp("pictures")  # type: ignore[attr-defined]
        try:
            paths = fixtures["io_loop"].run_sync(lambda: fixtures["windows"].pictures(folder), timeout=60)
        except Exception as error:  # noqa: BLE001 - the failure that is told of is the test's
            paths = [f"none: {error!r}"]
        yield "pictures", "\n".join(paths)
