"""The pool of reading children: whatever a file does to one, its neighbours and the loop do not feel it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from commands import filing
from commands.filing import PatientReader
from intake.files import process, reader
from intake.files.outcome import MAX_MAIL_BYTES, Outcome
from intake.files.reader import FileReader, NoPicture, ReaderBusy
from tests.integration.processes import is_alive

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-m", "tests.unit.files.file_child")


@contextlib.asynccontextmanager
async def pool(workers: int = 1) -> AsyncIterator[FileReader]:
    files = FileReader(workers, COMMAND)
    try:
        yield files
    finally:
        await files.close()
        assert not files._all


def pid(outcomes: list[Outcome]) -> int:
    assert outcomes[0].resume is not None
    return int(outcomes[0].resume.record["pid"])


def wait_until_gone(process_id: int) -> None:
    deadline = time.monotonic() + 60
    while is_alive(process_id):
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def test_files_are_read_one_after_another_by_one_child() -> None:
    async with pool() as files:
        first, second = await asyncio.gather(files.read("x/\udce4a.txt", b"1"), files.read("b.txt", b"22"))
        assert pid(first) == pid(second)
        assert second[0].resume is not None
        assert second[0].resume.record["size"] == 2
    wait_until_gone(pid(first))


async def test_parts_and_large_files_come_through_whole() -> None:
    async with pool() as files:
        data = os.urandom(9_000_000)
        (whole,) = await files.read("a", data)
        assert whole.resume is not None
        assert whole.resume.record["size"] == len(data)
        parts = [one.part for one in await files.read("a", b"parts ")]
        assert parts == [b"", b"a" * 3_000_000, None]


async def test_a_file_that_hangs_is_given_up_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_FILE_S", 1.5)
    async with pool() as files:
        hung, spun = await asyncio.gather(files.read("../a.pdf", b"hang "), files.read("b.pdf", b"spin "))
        assert hung == [Outcome(file="a.pdf", kind="", refusal="too_slow")]
        assert spun[0].refusal == "too_slow"
        monkeypatch.setattr(process, "_FILE_S", 60.0)  # a good one may wait for the machine
        assert (await files.read("c.pdf", b"good"))[0].resume


async def test_pages_that_take_long_have_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with pool() as files:
        await files.read("a", b"warm")
        # Within this the first page is begun; all four take longer.
        monkeypatch.setattr(process, "_FILE_S", 2.0)
        monkeypatch.setattr(process, "_SLOW_PAGE_S", 20.0)
        assert (await files.read("a", b"slow "))[0].resume
        monkeypatch.setattr(process, "_MOST_S", 0.7)
        assert (await files.read("a", b"slow "))[0].refusal == "too_slow"


# The child of these tests does not catch that there is no more memory; `outcomes_of` does.
@pytest.mark.parametrize("file", [b"crash ", b"babble ", b"memory "])
async def test_a_file_that_no_child_survives_is_too_slow(file: bytes) -> None:
    async with pool() as files:
        bad, good = await asyncio.gather(files.read("a", file), files.read("b", b"good"))
        assert bad[0].refusal == "too_slow"
        assert good[0].resume


async def test_a_file_whose_child_was_killed_by_others_is_read_all_the_same(tmp_path: Path) -> None:
    async with pool() as files:
        (outcome,) = await files.read("a", b"crash-once " + str(tmp_path / "flag").encode())
        assert outcome.resume
        before = pid(await files.read("a", b"x"))
        os.kill(before, signal.SIGKILL)  # while it waits
        assert pid(await files.read("a", b"x")) != before


async def test_what_a_library_prints_is_no_answer() -> None:
    async with pool() as files:
        assert (await files.read("a", b"print "))[0].resume


async def test_a_child_has_no_secret_no_files_and_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s" * 20)
    monkeypatch.setenv("INGEST_TOKEN", "t" * 20)
    async with pool() as files:
        assert [one.file for one in await files.read("a", b"ask ")] == ["nothing"]


async def test_whoever_is_cancelled_leaves_no_child_behind() -> None:
    async with pool() as files:
        child = pid(await files.read("a", b"x"))
        task = asyncio.create_task(files.read("a", b"hang "))
        waiting = asyncio.create_task(files.read("a", b"hang "))
        await asyncio.sleep(0.1)
        waiting.cancel()
        task.cancel()
        assert all(
            isinstance(one, asyncio.CancelledError)
            for one in await asyncio.gather(task, waiting, return_exceptions=True)
        )
        await asyncio.to_thread(wait_until_gone, child)
        assert (await files.read("a", b"x"))[0].resume


async def test_a_child_that_starts_slowly_serves_who_asks_again(tmp_path: Path) -> None:
    starts, may_start = tmp_path / "starts", tmp_path / "may start"
    slowly = (
        f"from pathlib import Path; import time; open({str(starts)!r}, 'a').write('.')\n"
        f"while not Path({str(may_start)!r}).exists() and time.monotonic() < {time.monotonic() + 60}:\n"
        "    time.sleep(0.02)\n"
    )
    serves = "import runpy; runpy.run_module('tests.unit.files.file_child', run_name='__main__')"
    command = (sys.executable, "-c", slowly + serves)
    files = FileReader(1, command)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await files.read("a", b"x")
    may_start.touch()
    assert (await files.read("a", b"x"))[0].resume
    assert starts.read_text() == "."
    await files.close()
    may_start.unlink()
    slow = FileReader(1, command)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await slow.read("a", b"x")
    await slow.close()
    assert not slow._starting


async def test_so_many_files_wait_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_MOST_WAITING", 2)
    async with pool() as files:
        tasks = [asyncio.create_task(files.read("a", b"x")) for _ in range(5)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(one, ReaderBusy) for one in results) in {2, 3}
        assert (await files.read("a", b"x"))[0].resume


async def test_a_child_is_replaced_after_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_FILES_A_CHILD", 3)
    async with pool() as files:
        pids = [pid(await files.read("a", b"x")) for _ in range(4)]
        assert len(set(pids[:3])) == 1
        assert pids[3] != pids[0]


async def test_closing_gives_up_what_is_read_and_takes_nothing_more() -> None:
    files = FileReader(1, COMMAND)
    child = pid(await files.read("a", b"x"))
    task = asyncio.create_task(files.read("a", b"hang "))
    await asyncio.sleep(0.1)
    await files.close()
    for reading in (task, files.read("a", b"x")):
        with pytest.raises(ReaderBusy):
            await reading
    await asyncio.to_thread(wait_until_gone, child)


async def test_a_file_beyond_all_bounds_is_refused_unread() -> None:
    files = FileReader(1, ("/nonexistent",))
    outcomes = await files.read("a.pdf", bytes(MAX_MAIL_BYTES + 1))
    assert outcomes == [Outcome(file="a.pdf", kind="", refusal="too_large")]


@pytest.mark.parametrize("command", [("/nonexistent",), (sys.executable, "-c", "")])
async def test_a_child_that_does_not_start_is_no_fault_of_the_file(command: tuple[str, ...]) -> None:
    files = FileReader(1, command)
    with pytest.raises(ReaderBusy):
        await files.read("a", b"x")
    await files.close()


async def test_pages_are_shown_and_there_may_be_none() -> None:
    async with pool() as files:
        assert await files.picture(b"x" * 300_000, 1) == b"\x89PNG" + b"x" * 300_000
        for page in (0, -1, 2):
            with pytest.raises(NoPicture):
                await files.picture(b"x", page)


async def test_a_command_waits_for_a_reader_and_blames_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "_AGAIN_S", 0)
    asked = []

    async def read(self: FileReader, name: str, data: bytes) -> list[Outcome]:
        asked.append(name)
        if len(asked) < 5:
            raise ReaderBusy
        return [Outcome(file=name, kind="txt", refusal="no_resume")]

    monkeypatch.setattr(FileReader, "read", read)
    assert [one.refusal for one in await PatientReader(workers=1).read("a", b"x")] == ["no_resume"]


def test_a_server_that_is_killed_leaves_no_child() -> None:
    """Not even one that hangs in the middle of a file."""
    script = """
import asyncio, sys
from intake.files.reader import FileReader
async def main():
    files = FileReader(2, (sys.executable, "-m", "tests.unit.files.file_child"))
    print((await files.read("a", b"x"))[0].resume.record["pid"], flush=True)
    await files.read("a", b"spin ")
asyncio.run(main())
"""
    server = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    child = int(server.stdout.readline())
    time.sleep(0.2)
    server.kill()
    server.wait()
    server.stdout.close()
    wait_until_gone(child)
