"""Files from folders, by the operator's command and the real reader; a kill -9 loses and doubles none."""

import asyncio
import hashlib
import os
import random

import pytest
from tornado.httpclient import HTTPError

from commands.intake import files_in
from intake.reasons import REASONS
from store.ids import resume_id
from tests.files import FORM, form_of
from tests.integration.processes import check_stores, manage, urls
from tests.support import INGEST_TOKEN, IS_LONG, PYTHON_FEED, Api, eventually

SOURCE = "folder"


def text_file(number: int) -> bytes:
    """A resume as a plain text, of somebody of their own."""
    return f"""卜{"一二三四五六七八九十"[number % 10]}
男 | 29岁 | 5年经验 | 本科
手机：139{number:08}
邮箱：bu{number}@example.com
求职意向：Python开发工程师
期望城市：北京
期望薪资：3-5K

工作经历
2019.07-至今  北京甲乙{number}科技有限公司  Python开发工程师
负责用Python和Django开发后端接口，维护MySQL，第{number}份。

教育经历
2015.09-2019.06 北京邮电大学 计算机科学与技术 本科
""".encode()


def id_of(data):
    return resume_id(SOURCE, hashlib.sha256(data).hexdigest())


@pytest.fixture
def folder(tmp_path):
    """A folder as recruiters keep them."""
    (tmp_path / "in" / "下级").mkdir(parents=True)
    (tmp_path / "in" / "一.txt").write_bytes(text_file(1))
    (tmp_path / "in" / "下级" / "二.pdf").write_bytes(text_file(2))  # told by its bytes
    (tmp_path / "in" / "下级" / "坏.pdf").write_bytes(b"%PDF-1.7\nbroken")
    (tmp_path / "in" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "in" / "~$一.docx").write_bytes(b"x")
    (tmp_path / "outside.txt").write_bytes(text_file(3))
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "outside.txt")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    os.mkfifo(tmp_path / "in" / "pipe")
    return tmp_path / "in"


def test_links_pipes_and_hidden_files_are_left_out(folder):
    names = [path.name for path in files_in(folder)]
    assert sorted(names) == sorted(["一.txt", "二.pdf", "坏.pdf"])
    assert list(files_in(folder / "link.txt")) == list(files_in(folder / "loop")) == []


@pytest.mark.long
async def test_a_folder_is_taken_in_and_its_refused_files_are_read_again(server, hr, settings, folder):
    feed = await hr.submit(**PYTHON_FEED)

    def command(*words):
        return asyncio.to_thread(manage, settings.data_dir, *words, **urls(settings))

    taken = await command("intake", "--source", SOURCE, str(folder))
    assert taken.returncode == 1
    told = taken.stdout.decode()
    assert "files 3: accepted 2, updated 0, duplicate 0, to_confirm 0, rejected 1" in told
    assert "rejected, corrupt: 1" in told
    assert f"坏.pdf: {REASONS['corrupt']}" in taken.stderr.decode()
    await hr.all_scored()
    assert await hr.unread(feed) == 2
    original = await server.stores.originals.find(id_of(text_file(2)))
    assert (original.name, original.kind) == ("二.pdf", "txt")
    again = await command("intake", "--source", SOURCE, str(folder), str(folder / "一.txt"))
    assert "files 3: accepted 0, updated 0, duplicate 2, to_confirm 0, rejected 1" in again.stdout.decode()

    shown = (await command("quarantine")).stdout.decode()
    assert "files in quarantine: 1" in shown
    (row,) = [line for line in shown.splitlines() if "坏.pdf" in line]
    id_ = row.split()[0]
    assert "corrupt  pdf  1 KiB  folder" in row
    out = folder.parent / "out.pdf"
    assert (await command("quarantine", "--export", id_, str(out))).returncode == 0
    assert (out.read_bytes(), out.stat().st_mode & 0o777) == (b"%PDF-1.7\nbroken", 0o600)
    assert "files read again: 1 (rejected 1)" in (await command("quarantine", "--retry", id_)).stdout.decode()
    # As if what reads it was installed: the same bytes are a resume now.
    files = server.stores._database["file_quarantine.files"]
    chunks = server.stores._database["file_quarantine.chunks"]
    data = text_file(4)
    await chunks.update_one({}, {"$set": {"data": data}})
    await files.update_one({}, {"$set": {"length": len(data)}})
    retried = (await command("quarantine", "--retry", "all")).stdout.decode()
    assert "files read again: 1 (accepted 1)" in retried
    assert await server.stores.originals.count() == 3


@pytest.mark.faults
@pytest.mark.parametrize("part", range(25 if IS_LONG else 1))
@pytest.mark.gen_test(timeout=240)
async def test_a_kill_loses_and_doubles_no_file(start, part):
    """A sender repeats what was not acknowledged, as it has to; the server is killed again and again."""
    rounds = 4 if IS_LONG else 1  # a hundred kills in all parts
    dice = random.Random(part)
    process = await start().ready()
    acknowledged: dict[str, bytes] = {}
    for number in range(rounds):
        files = [(f"{number}-{n}.txt", text_file(number * 10 + n)) for n in range(4)]
        sending = asyncio.create_task(send(Api(process.port), files))
        await asyncio.sleep(dice.uniform(0.0, 1.0 if number % 2 else 3.0))
        process.kill_all() if number % 3 == 0 else process.kill()
        for row in await sending or ():
            acknowledged[row["id"]] = b""
        process = await start().ready()
        answer = await eventually(lambda: send(Api(process.port), files), what="an answer")  # noqa: B023
        for row, (_, data) in zip(answer, files, strict=True):
            assert row["status"] in {"accepted", "duplicate"}, row
            acknowledged[row["id"]] = data
    api = Api(process.port)
    await api.all_scored()
    text = (await eventually(lambda: stats_of(process), what="the command")).splitlines()
    counts = {line[:20].strip(): line[20:].strip() for line in text}
    assert len(acknowledged) == rounds * 4
    assert (counts["resumes"], counts["files quarantined"]) == (str(rounds * 4), "0")
    check_stores(process.data_dir)


async def stats_of(process):
    done = await asyncio.to_thread(manage, process.data_dir, "stats")
    return done.stdout.decode() if done.returncode == 0 else ""


async def send(api, files):
    """What became of files; None where the answer was lost."""
    headers = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": FORM}
    try:
        answer = await api.call(
            "POST", "/resumes/file/", body=form_of(*files, source=SOURCE), headers=headers
        )
    except (OSError, HTTPError):  # the connection is cut, or there is nobody
        return None
    finally:
        api.http.close()
    return answer["results"] if answer.http == 200 else None
