"""The version of the rules changes with whatever could change a result, and with nothing else."""

import ast
import shutil
from pathlib import Path

import pytest

from engine.matching import version
from engine.matching.version import rules_version

PACKAGE = Path(version.__file__).parent
REVISIONS = ("lexicon 1", "places 1")


@pytest.fixture
def package(tmp_path):
    """A copy of the package, to change."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__")))


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_copy_elsewhere_has_the_same_version(package):
    assert rules_version(REVISIONS, package) == rules_version(REVISIONS)


def test_comments_docstrings_and_layout_change_nothing(package):
    before = rules_version(REVISIONS, package)
    salary = package / "lexicon" / "salary.py"
    salary.write_text("# explained\n" + salary.read_text("utf-8"), "utf-8")
    edit(salary, '"""The range that means', '"""Explained: the range that means')
    edit(salary, '"""Whether a range says nothing', '"""Explained: whether a range says nothing')
    edit(salary, "WORK_HOURS = 174\n", "WORK_HOURS = (\n    174\n)\n")
    # Without comments, and every line laid out by the interpreter.
    relations = package / "learned" / "relations.py"
    relations.write_text(ast.unparse(ast.parse(relations.read_text("utf-8"))), "utf-8")
    # Without docstrings.
    tags = package / "analysis" / "tags.py"
    tree = ast.parse(tags.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert ast.get_docstring(node)
            del node.body[0]
    tags.write_text(ast.unparse(tree), "utf-8")
    assert rules_version(REVISIONS, package) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("WORK_HOURS = 174", "WORK_HOURS = 175"),
        ("WORK_HOURS = 174", "WORK_HOURS = 174.0"),
        ("low <= 0 and", "low <= 0 or"),
        ("low <= 0 and", "low < 0 and"),
    ],
    ids=["a constant", "its type", "an operator", "a comparison"],
)
def test_a_change_of_the_code_changes_it(package, old, new):
    edit(package / "lexicon" / "salary.py", old, new)
    assert rules_version(REVISIONS, package) != rules_version(REVISIONS)


def test_every_file_of_the_package_is_in_it(package):
    files = sorted(package.rglob("*.py"))
    assert len(files) > 30
    for path in files:
        path.write_text("", "utf-8")  # which files are read does not depend on what stands in them
    versions = {rules_version(REVISIONS, package)}
    for path in files:
        path.write_text("CHANGED = 1\n", "utf-8")
        versions.add(rules_version(REVISIONS, package))
        path.write_text("", "utf-8")
    assert len(versions) == len(files) + 1


def test_a_new_a_renamed_and_a_missing_file_change_it(package):
    versions = {rules_version(REVISIONS, package)}
    (package / "score" / "rules_of_tomorrow.py").write_text("", "utf-8")
    versions.add(rules_version(REVISIONS, package))
    (package / "score" / "rules_of_tomorrow.py").rename(package / "score" / "rules_of_today.py")
    versions.add(rules_version(REVISIONS, package))
    (package / "analysis" / "tags.py").unlink()
    versions.add(rules_version(REVISIONS, package))
    assert len(versions) == 4


def test_the_data_is_in_it_and_so_is_its_order():
    versions = [
        rules_version(revisions) for revisions in (REVISIONS, ("lexicon 2", "places 1"), REVISIONS[::-1], ())
    ]
    assert len(set(versions)) == 4
