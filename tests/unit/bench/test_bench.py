"""The benchmarks use nothing of the tests."""

import ast
from pathlib import Path

from tests.support import each

BENCH = Path(__file__).resolve().parents[3] / "bench"


@each("path", sorted(BENCH.rglob("*.py")))
def test_no_benchmark_imports_a_test(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] != "tests"
        elif isinstance(node, ast.Import):
            assert all(alias.name.partition(".")[0] != "tests" for alias in node.names)
