"""The restore drill of docs/operations.md, for embedded stores."""

import asyncio
import shutil
import tarfile

import pytest

from tests.integration.processes import manage
from tests.support import PYTHON_FEED, Hr, python_resume


def pack(data_dir, archive):
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(data_dir, "data")


def unpack(archive, data_dir):
    shutil.rmtree(data_dir)
    with tarfile.open(archive) as tar:
        tar.extractall(data_dir.parent, filter="data")


@pytest.mark.gen_test
async def test_what_was_backed_up_is_there_again_and_what_came_since_can_be_sent_again(start, tmp_path):
    process = await start().ready()
    data_dir, archive = process.data_dir, tmp_path / "backup.tar.gz"
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    old, gone, late = python_resume(), python_resume(), python_resume()
    old_id, gone_id = (await hr.ingest(old, gone))["ids"]
    await hr.all_scored()
    await hr.get(f"/feed/get/{feed_id}/{old_id}")
    assert process.stop() == 0
    await asyncio.to_thread(pack, data_dir, archive)

    process = await start().ready()
    hr.port = process.port
    (late_id,) = (await hr.ingest(late))["ids"]
    await hr.all_scored()
    assert manage(data_dir, "erase-resume", gone_id).returncode == 0
    process.kill_all()
    await asyncio.to_thread(unpack, archive, data_dir)

    process = await start().ready()
    hr.port = process.port
    assert manage(data_dir, "check").returncode == 0
    items = {item["resume"]["id"]: item["user_read_status"] for item in await hr.results(feed_id)}
    assert items == {old_id: "read", gone_id: "unread"}
    assert manage(data_dir, "erase-resume", gone_id).returncode == 0
    assert (await hr.ingest(old, late))["duplicate"] == 1
    await hr.all_scored()
    items = {item["resume"]["id"]: item["user_read_status"] for item in await hr.results(feed_id)}
    assert items == {old_id: "read", late_id: "unread"}
    assert await hr.unread(feed_id) == 1
    assert manage(data_dir, "check").returncode == 0
    assert process.stop() == 0
