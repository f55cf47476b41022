"""Handlers get what they declare; what nobody provides stops the start with one line."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract
from handlers.api.dependencies import Dependencies, MissingDependency, RequestContext
from handlers.results.statistics import StatisticsQuery
from handlers.routes import ROUTES
from tests.support import each

ROOT = Path(__file__).resolve().parents[3]
NO_STORES = ("--mongo_url=mongodb://127.0.0.1:1", "--redis_url=redis://127.0.0.1:1")


class Clock:
    """A dependency."""


class Bell:
    """Another."""


class ClockHandler(ApiHandler):
    contract = Contract("The time", query=StatisticsQuery)
    seen: ClassVar[int]
    zone: str = "Asia/Shanghai"

    params: StatisticsQuery
    clock: Clock


class AlarmHandler(ClockHandler):
    bell: Bell


class LooseHandler(ApiHandler):
    ring: Callable[[], None]


@pytest.fixture
def context() -> RequestContext:
    """One that nobody looks into."""
    return RequestContext(**dict.fromkeys(RequestContext.__struct_fields__))


def test_a_handler_gets_by_type_what_it_and_its_bases_annotate_without_a_value(context):
    clock = Clock()
    bell = Bell()
    provided = Dependencies([bell, clock, context])
    assert provided.for_handler(ClockHandler) == {"context": context, "clock": clock}
    assert provided.for_handler(AlarmHandler) == {"context": context, "clock": clock, "bell": bell}


@pytest.mark.parametrize(
    ("handler", "need"),
    [
        (AlarmHandler, f"{__name__}.AlarmHandler needs `bell: {__name__}.Bell`"),
        (LooseHandler, f"{__name__}.LooseHandler needs `ring: collections.abc.Callable[[], None]`"),
    ],
)
def test_what_nobody_provides_is_told_by_handler_attribute_and_type(context, handler, need):
    with pytest.raises(MissingDependency) as told:
        Dependencies([Clock(), context]).for_handler(handler)
    assert str(told.value) == f"{need}, which services/application.py does not provide"


def test_two_objects_of_one_type_are_an_error():
    with pytest.raises(ValueError, match=r"test_dependencies\.Bell"):
        Dependencies([Bell(), Clock(), Bell()])


@each("handler", sorted({route.handler for route in ROUTES}, key=str))
def test_params_and_form_are_annotated_as_the_contract_decodes_them(handler):
    """They are no dependencies, and mypy believes what stands there."""
    hints = {}
    for kind in reversed(handler.__mro__):
        if kind.__module__.startswith("handlers."):
            hints |= inspect.get_annotations(kind, eval_str=True)
    for name, decoded in (("params", handler.contract.query), ("form", handler.contract.body)):
        assert decoded is None or hints[name] in (decoded, Any)


def test_a_missing_dependency_stops_the_start_with_one_line_and_status_1(tmp_path):
    """In a process of its own, without stores: the start does not come as far as asking them."""
    script = (
        "import sys, handlers.operation.page, server\n"
        "class Unheard: pass\n"
        "handlers.operation.page.PageHandler.__annotations__['unheard'] = Unheard\n"
        "sys.exit(server.main(sys.argv[1:]))\n"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script, "--port=0", f"--data_dir={tmp_path}", *NO_STORES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1
    last = outcome.stderr.splitlines()[-1]
    assert last == (
        "server.py: handlers.operation.page.PageHandler needs `unheard: __main__.Unheard`, "
        "which services/application.py does not provide"
    )
    assert "Traceback" not in outcome.stderr
