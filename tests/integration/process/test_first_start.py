"""The first start on a machine: nothing is compiled yet, and a resume moves a badge all the same."""

from functools import partial

import pytest

from tests.integration.processes import entries_of
from tests.support import PYTHON_FEED, Hr, eventually, nurse_resume, python_resume


@pytest.mark.faults
async def test_a_badge_moves_while_loops_are_compiled(start, tmp_path):
    process = await start(is_cold=True, numba_cache_dir=tmp_path / "numba").ready()
    hr = await Hr.register(process.port)
    feed_id = await hr.submit(**PYTHON_FEED)
    live = await hr.live()
    await hr.ingest(nurse_resume(1), python_resume(2))
    await live.until("unread", total=1)
    live.connection.close()
    (interpreted,) = await hr.results(feed_id)

    async def says(message):
        return any(message in entry["message"] for entry in entries_of(process.log.read_text()))

    assert not await says("run as machine code")
    await eventually(partial(says, "compiling the loops"), what="a line on how far it is")
    await eventually(partial(says, "run as machine code"), what="the end of compiling", within_s=900)
    (compiled,) = await hr.results(await hr.submit(**PYTHON_FEED))
    for field in ("score", "tier", "why"):
        assert compiled[field] == interpreted[field]
    assert process.stop() == 0
    second = await start(is_cold=True, numba_cache_dir=tmp_path / "numba").ready()
    assert "compiling" not in second.log.read_text()
    assert second.stop() == 0
