"""The version of the rules: it changes whenever a change of this package could change a result.

    rules_version(["lexicon 5d1f...", "places 90ab..."])  # '3f0c9e5b7a1d2c48'

It is a hash over the syntax trees of all files of `engine/matching/` and over the revisions of the data. It
is complete by construction, since nobody keeps a list of files. Comments, docstrings and layout are not in
it, so whoever explains a rule better rescores nobody. Renaming a variable does change it: that costs one
rescore, and telling harmless changes from others would take a judgement that can be wrong.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
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
    for path in sorted(package.rglob("*.py")):
        # With its path, because a renamed file may be imported by another one.
        digest.update(path.relative_to(package).as_posix().encode())
        for piece in _pieces(ast.parse(path.read_text("utf-8"))):
            digest.update(piece.encode() + b"\0")
    return digest.hexdigest()[:_LENGTH]


def _pieces(node: object) -> Iterator[str]:
    """The parts of a syntax tree, as text, in order.

    It is not `ast.dump`, because that prints fields that are empty, and new versions of Python add such
    fields.
    """
    if isinstance(node, ast.AST):
        yield f"({type(node).__name__}"
        for name, value in ast.iter_fields(node):
            if value is not None and value != []:
                yield name
                yield from _pieces(value)
        yield ")"
    elif isinstance(node, list):
        for item in node:
            if not _is_text_alone(item):
                yield from _pieces(item)
    else:
        yield repr(node)


def _is_text_alone(node: object) -> bool:
    """Whether a statement is a string and nothing else: a docstring, which only people read."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
