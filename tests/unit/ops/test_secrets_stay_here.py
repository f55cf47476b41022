"""What is sent to Docker for an image, and what git takes: no secret, at whatever depth it lies."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from secrets import token_hex

import pytest

from config.settings import read_settings
from store.embedded.private import kept_password
from tests.support import each

ROOT = Path(__file__).resolve().parents[3]
CANARY = f"canary-{token_hex(8)}"
DEPTHS = (".", "ops", "ops/many", "web", "config/deeper/still")
FILES = (
    *(".env", ".env.local", ".env.production", "all.env", "web-1.env"),
    *("privkey.pem", "server.key", "client.p12", "client.pfx", ".data/notes.txt", ".data/mongo/WiredTiger"),
)
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "dist", "pictures", "*_cache", "__pycache__"
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the project with secrets in it; the secrets are what its name `secrets` has."""
    tree = tmp_path_factory.mktemp("tree") / "talentfeed"
    shutil.copytree(ROOT, tree, symlinks=True, ignore=NOT_COPIED)
    found = {CANARY}
    for depth in DEPTHS:
        for name in FILES:
            path = tree / depth / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"SECRET={CANARY}\n", "utf-8")
        # What a server makes in a data directory, which may be called anything.
        data_dir = tree / depth / "state"
        kept = read_settings({"data_dir": str(data_dir)}, {})
        found |= {kept.ingest_token, kept.secret_key, kept_password(data_dir)}
        (data_dir / ".secret_key.1a2b").write_text(CANARY, "utf-8")  # half made, as by a kill
        (data_dir / "resumes.snapshot").write_text(CANARY, "utf-8")
    return tree, {secret.encode() for secret in found}


def rules_of(text):
    """The rules of a .dockerignore in order: a pattern, and whether it takes files back in."""
    rules = []
    for line in text.splitlines():
        if (line := line.strip()) and not line.startswith("#"):
            pattern = line.removeprefix("!").strip().strip("/")
            parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
            known = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
            regex = "".join(known.get(part) or re.escape(part) for part in parts)
            rules.append((re.compile(regex), line.startswith("!")))
    return rules


def is_sent(path, rules):
    """Whether Docker sends a file: the last rule that matches it or a folder above it decides."""
    above = [path, *(str(one) for one in Path(path).parents)]
    sent = True
    for pattern, takes_back in rules:
        if any(pattern.fullmatch(one) for one in above):
            sent = takes_back
    return sent


def context_of(tree):
    rules = rules_of((tree / ".dockerignore").read_text("utf-8"))
    paths = (Path(folder) / name for folder, _, names in os.walk(tree) for name in names)
    return {path for path in paths if is_sent(str(path.relative_to(tree)), rules)}


def holding(paths, secrets):
    return sorted(str(path) for path in paths if any(one in path.read_bytes() for one in secrets))


@each(
    "text, path, sent",
    [
        (".env", ".env", False),
        (".env", "ops/.env", True),
        ("*.env", "ops/many/.env", True),
        ("**/.env", ".env", False),
        ("**/.env", "ops/many/.env", False),
        ("**/.env", "ops/x.env", True),
        ("**/.data", "ops/.data/mongo/x", False),
        ("ops/**", "ops/many/x", False),
        ("**/.env.*\n!**/.env.example", "a/.env.example", True),
        ("!**/.env.example\n**/.env.*", "a/.env.example", False),
        ("# tests", "# tests", True),
        ("/tests/", "tests/a/b.py", False),
        ("te?ts", "tests/a", False),
    ],
)
def test_rules_are_read_as_docker_reads_them(text, path, sent):
    assert is_sent(path, rules_of(text)) == sent


def test_docker_is_sent_no_secret_and_no_data(tree):
    copy, secrets = tree
    assert holding(context_of(copy), secrets) == []


def test_docker_is_sent_all_that_runs(tree):
    copy, _ = tree
    sent = {str(path.relative_to(copy)) for path in context_of(copy)}
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    code = {str(path.relative_to(ROOT)) for room in rooms for path in (ROOT / room).rglob("*.py")}
    code = {path for path in code if "node_modules" not in path}
    needed = {"server.py", "manage.py", "requirements.txt", "web/package-lock.json", "web/npm.py"}
    assert (code | needed) - sent == set()
    assert not any(path.startswith(("tests/", "bench/")) for path in sent)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_git_takes_no_secret_and_no_data(tree):
    copy, secrets = tree
    alone = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments):
        return subprocess.run(
            ("git", *arguments), cwd=copy, env=alone, capture_output=True, text=True, check=True
        ).stdout

    git("init", "--quiet")
    git("add", "--all")
    taken = {copy / name for name in git("ls-files", "-z").split("\0") if name}
    assert copy / "server.py" in taken
    assert holding(taken, secrets) == []
