"""Finds every regular expression of the product, however it is made; prints them as JSON.

    python -m tests.unit.patterns.finding

Calls of `re` are found in the source. The pattern of most follows from what stands in the module. The others
are made of what a call gets: they are met while the modules are imported and a scene runs that reads, masks
and searches. A call that neither way gives a pattern is in `unmet`.

It runs in a process of its own, as what is cached in another was made before anybody could see it.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[3]
ROOMS = (
    *("commands", "config", "engine", "handlers", "intake", "mail", "notices", "process", "runtime"),
    *("services", "store", "wechat"),
)
FILES = ("manage.py", "server.py")
_CALLS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
_WHOLE = {"match", "fullmatch"}
"""Ways to use a pattern that try it at one place alone."""


class Call(NamedTuple):
    """A call of `re` in the source: `re.<method>(pattern, …, flags)`."""

    file: str
    line: int
    last: int
    method: str
    node: ast.Call
    names: tuple[str, ...]
    """What a compiled pattern is called; empty where it is part of something else."""


def sources() -> Iterator[Path]:
    """The source files of the product."""
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))
    yield from (ROOT / file for file in FILES)


def calls_in(path: Path, tree: ast.Module) -> Iterator[Call]:
    """The calls of `re` in a file."""
    names: dict[int, tuple[str, ...]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names[id(node.value)] = tuple(name for target in targets if (name := _name(target)))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in _CALLS
        ):
            yield Call(
                str(path.relative_to(ROOT)),
                node.lineno,
                node.end_lineno or node.lineno,
                node.func.attr,
                node,
                names.get(id(node), ()),
            )


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def uses(trees: dict[str, ast.Module]) -> dict[tuple[str, str], set[str]]:
    """How each name of a file is used as a pattern: by which methods; "" where it is handed on.

    A name that begins with an underscore is its file's own; any other may be used in each file, under "".
    """
    found: dict[tuple[str, str], set[str]] = {}
    for file, tree in trees.items():
        methods: dict[int, str] = {
            id(node.value): node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in _CALLS
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                name = _name(node)
                owner = file if name.startswith("_") else ""
                found.setdefault((owner, name), set()).add(methods.get(id(node), ""))
    return found


def module_of(path: Path) -> str:
    """The name by which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class Compiled(NamedTuple):
    """A pattern that was asked for while something ran."""

    pattern: Any
    flags: int


class Watch:
    """Notes the patterns that are asked for, by the file and line that ask."""

    def __init__(self) -> None:
        self.met: dict[tuple[str, int], set[Compiled]] = {}
        # Every function of `re` goes through this one, also for a pattern that it has in its cache.
        self._compile: Callable[..., Any] = re._compile  # type: ignore[attr-defined]
        re._compile = self._watched  # type: ignore[attr-defined]

    def _watched(self, pattern: Any, flags: Any) -> Any:
        frame = sys._getframe(1)
        while frame.f_code.co_filename == re.__file__ and frame.f_back:
            frame = frame.f_back
        file = frame.f_code.co_filename
        if file.startswith(f"{ROOT}{os.sep}"):
            text = pattern.pattern if isinstance(pattern, re.Pattern) else pattern
            kept = pattern.flags if isinstance(pattern, re.Pattern) else int(flags)
            key = (os.path.relpath(file, ROOT), frame.f_lineno)
            self.met.setdefault(key, set()).add(Compiled(text, kept))
        return self._compile(pattern, flags)


def _said(call: Call, module: Any) -> Compiled | None:
    """The pattern of a call that follows from what stands in its module."""
    arguments = call.node.args
    at = {"sub": 4, "subn": 4, "split": 3, "compile": 1}.get(call.method, 2)
    given = next((one.value for one in call.node.keywords if one.arg == "flags"), None)
    flags = given if given is not None else (arguments[at] if len(arguments) > at else None)
    try:
        pattern = _value(arguments[0], module)
        return Compiled(
            pattern.pattern if isinstance(pattern, re.Pattern) else pattern,
            int(_value(flags, module)) if flags is not None else 0,
        )
    except (NameError, AttributeError, TypeError):
        return None


def _value(node: ast.expr, module: Any) -> Any:
    return eval(compile(ast.Expression(node), "<pattern>", "eval"), dict(vars(module)))


def find() -> dict[str, Any]:
    """All patterns, and the calls that gave none."""
    watch = Watch()
    paths = list(sources())
    trees = {str(path.relative_to(ROOT)): ast.parse(path.read_bytes()) for path in paths}
    modules = {
        str(path.relative_to(ROOT)): importlib.import_module(module_of(path))
        for path in paths
        if path.name != "__main__.py"
    }
    from tests.unit.patterns.scene import play  # here, so that what it imports is watched

    play()
    used = uses(trees)
    found: list[dict[str, Any]] = []
    unmet: list[str] = []
    claimed: set[tuple[str, int]] = set()
    for path in paths:
        file = str(path.relative_to(ROOT))
        for call in calls_in(path, trees[file]):
            lines = range(call.line, call.last + 1)
            claimed |= {(file, line) for line in lines}
            # A call within a longer one, as an argument, has the same lines: each gets the patterns of both.
            patterns = {one for line in lines for one in watch.met.get((file, line), ())}
            if file in modules and (said := _said(call, modules[file])):
                patterns.add(said)
            if not patterns:
                unmet.append(f"{file}:{call.line}")
            methods = {call.method} if call.method != "compile" else set()
            for name in call.names:
                methods |= used.get((file if name.startswith("_") else "", name), set())
            is_whole = bool(methods) and methods <= _WHOLE
            found += [
                _as_json(
                    f"{file}:{call.line} {' '.join(call.names)}".rstrip(), one, methods if is_whole else ()
                )
                for one in patterns
            ]
    found += [
        _as_json(f"{file}:{line}", one, ())
        for (file, line), some in watch.met.items()
        if (file, line) not in claimed and file.split(os.sep)[0] in {*ROOMS, *FILES}
        for one in some
    ]
    return {"patterns": found, "unmet": unmet}


def _as_json(where: str, one: Compiled, whole: Any) -> dict[str, Any]:
    is_bytes = isinstance(one.pattern, bytes)
    return {
        "where": where,
        "pattern": one.pattern.decode("latin-1") if is_bytes else one.pattern,
        "flags": one.flags & ~(re.UNICODE | re.DEBUG),
        "is_bytes": is_bytes,
        "methods": sorted(whole) or ["finditer"],
    }


if __name__ == "__main__":
    print(json.dumps(find()))
