"""The restore drill of docs/operations.md, for embedded stores."""

import asyncio
import os
import re
import subprocess
import tempfile

import pytest

from tests.integration.processes import ROOT, check_stores, manage
from tests.support import PYTHON_FEED, Hr, python_resume

pytestmark = pytest.mark.faults


def lines_of(start, *words):
    """The lines of docs/operations.md that begin so and have these words."""
    lines = (ROOT / "docs" / "operations.md").read_text("utf-8").splitlines()
    return [line for line in lines if line.startswith(start) and all(word in line for word in words)]


def documented(start, archive):
    """The command of docs/operations.md that begins so, with another name for the archive."""
    (line,) = lines_of(start, "tar -C")
    line, count = re.subn(r"talentfeed-(\$\(date \+%F\)|2026-01-31)\.tar\.gz\.gpg", str(archive), line)
    assert count == 1, line
    return line


class Shell:
    """Runs commands with a keyring of their own that has the key of the documents."""

    def __init__(self, home):
        # Sockets of gpg's agent have short paths.
        self._keys = tempfile.TemporaryDirectory(prefix="gpg")
        self.variables = {**os.environ, "TALENTFEED_HOME": str(home), "GNUPGHOME": self._keys.name}
        self.run("gpg --batch --passphrase '' --quick-generate-key backup@example.com future-default")

    def run(self, command):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], env=self.variables, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def close(self):
        self.run("gpgconf --kill all")
        self._keys.cleanup()


@pytest.fixture
def shell(tmp_path):
    shell = Shell(tmp_path)
    yield shell
    shell.close()


def pack(shell, archive):
    shell.run(documented("tar -C", archive))


def unpack(shell, archive):
    for line in lines_of("mv ", "$TALENTFEED_HOME/data"):
        shell.run(line)
    shell.run(documented("gpg --decrypt", archive))


def test_what_could_start_the_stores_meanwhile_is_stopped_too():
    (stop,), (start,) = lines_of("supervisorctl", " stop "), lines_of("supervisorctl", " start ")
    conf = (ROOT / "supervisord.conf").read_text("utf-8")
    ours = re.findall(
        r"\[program:(\w+)\]\ncommand=%\(ENV_TALENTFEED_PYTHON\)s (?:server|manage|-m store)", conf
    )
    for line in (stop, start):
        assert {word.removesuffix(":*") for word in line.split()[4:]} == set(ours)


async def test_what_was_backed_up_is_there_again_and_what_came_since_can_be_sent_again(
    start, tmp_path, shell
):
    process = await start().ready()
    data_dir, archive = process.data_dir, tmp_path / "backup.tar.gz.gpg"
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    old, gone, late = python_resume(), python_resume(), python_resume()
    old_id, gone_id = await hr.scored(old, gone)
    await hr.get(f"/feed/get/{feed_id}/{old_id}")
    assert process.stop() == 0
    await asyncio.to_thread(pack, shell, archive)
    assert b"WiredTiger" not in archive.read_bytes()

    process = await start().ready()
    hr.port = process.port
    (late_id,) = await hr.scored(late)
    assert manage(data_dir, "erase-resume", gone_id).returncode == 0
    process.kill_all()
    await asyncio.to_thread(unpack, shell, archive)

    process = await start().ready()
    hr.port = process.port
    check_stores(data_dir)
    items = {item["resume"]["id"]: item["user_read_status"] for item in await hr.results(feed_id)}
    assert items == {old_id: "read", gone_id: "unread"}
    assert manage(data_dir, "erase-resume", gone_id).returncode == 0
    assert (await hr.ingest(old, late))["duplicate"] == 1
    await hr.all_scored()
    items = {item["resume"]["id"]: item["user_read_status"] for item in await hr.results(feed_id)}
    assert items == {old_id: "read", late_id: "unread"}
    assert await hr.unread(feed_id) == 1
    check_stores(data_dir)
    assert process.stop() == 0
