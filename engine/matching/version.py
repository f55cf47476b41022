"""The version of the rules: it changes whenever a change of this package could change a result.

    rules_version(["lexicon 5d1f...", "places 90ab..."])  # '3f0c9e5b7a1d2c48'

It is a hash over the syntax trees of all files of `engine/matching/`, and of `runtime/nfkc.py`, the one file
elsewhere that it uses; and over the revisions of the data. It is complete by construction, since nobody keeps
a list of files, and a test keeps that one file the only one. Comments, docstrings and layout are not in
it, so whoever explains a rule better rescores nobody. Renaming a variable does change it: that costs one
rescore, and telling harmless changes from others would take a judgement that can be wrong.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

import runtime.nfkc

_PACKAGE = Path(__file__).resolve().parent
_NFKC = Path(runtime.nfkc.__file__)
_LENGTH = 16
"""Hex digits of a version. 64 bits are enough that no two versions collide."""


def rules_version(revisions: Iterable[str], package: Path = _PACKAGE) -> str:
    """Hash the rules and the data they work with.

    Args:
        revisions: Of the lexicon and the other tables, and of the libraries that cut text.
        package: The folder whose Python files are the rules; tests name another one.

    Returns:
        16 hex digits, the same on every machine and for every supported version of Python.
    """
    digest = hashlib.sha256("\n".join(revisions).encode())
    digest.update(_running_rules() if package == _PACKAGE else _rules_in(package))
    return digest.hexdigest()[:_LENGTH]


@functools.cache
def _running_rules() -> bytes:
    """The digest of this package. What a process runs does not change, and reading it takes a while."""
    return _rules_in(_PACKAGE)


def _rules_in(package: Path) -> bytes:
    digest = hashlib.sha256()
    names = {path.relative_to(package).as_posix(): path for path in sorted(package.rglob("*.py"))}
    for name, path in (names | {"runtime/nfkc.py": _NFKC}).items():
        # With its path, because a renamed file may be imported by another one.
        digest.update(name.encode())
        pieces: list[str] = []
        _add_pieces(ast.parse(path.read_text("utf-8")), pieces)
        digest.update("\0".join([*pieces, ""]).encode())
    return digest.digest()


def _add_pieces(node: object, pieces: list[str]) -> None:
    """Add the parts of a syntax tree, as text, in order.

    It is not `ast.dump`, because that prints fields that are empty, and new versions of Python add such
    fields.
    """
    if isinstance(node, ast.AST):
        pieces.append(f"({type(node).__name__}")
        for name in node._fields:
            value = getattr(node, name, None)
            if value is not None and value != []:
                pieces.append(name)
                _add_pieces(value, pieces)
        pieces.append(")")
    elif isinstance(node, list):
        for item in node:
            if not _is_text_alone(item):
                _add_pieces(item, pieces)
    else:
        pieces.append(repr(node))


def _is_text_alone(node: object) -> bool:
    """Whether a statement is a string and nothing else: a docstring, which only people read."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
