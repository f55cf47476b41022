"""The benchmarks use nothing of the tests, and `bench.quality.ablation` replaces what is really there."""

import ast
from pathlib import Path

import pytest

from bench.quality.ablation import PARTS, find_attribute

BENCH = Path(__file__).resolve().parents[3] / "bench"
PATHS = sorted({path for part in PARTS for path in part.constants})


@pytest.mark.parametrize("path", sorted(BENCH.rglob("*.py")), ids=lambda path: str(path.relative_to(BENCH)))
def test_no_benchmark_imports_a_test(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] != "tests"
        elif isinstance(node, ast.Import):
            assert all(alias.name.partition(".")[0] != "tests" for alias in node.names)


@pytest.mark.parametrize("path", PATHS)
def test_every_constant_of_the_ablation_exists_where_it_is_replaced(path):
    owner, name = find_attribute(path)
    assert name in vars(owner)
