"""The example for mini-programs, by Node's own test runner: a simulated `wx`, and then this server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import PASSWORD, PYTHON_FEED, python_resume

NPM = Path(__file__).resolve().parents[2] / "web" / "npm.py"


@pytest.fixture
def settings(settings, wechat):
    return replace(settings, **wechat.settings())


@pytest.mark.long
async def test_the_example_for_mini_programs_passes_its_tests_and_speaks_with_a_real_server(hr, wechat):
    await hr.submit(**PYTHON_FEED)
    await hr.scored(python_resume(), python_resume())
    account = {
        "TALENTFEED_URL": f"http://127.0.0.1:{hr.port}",
        "TALENTFEED_USER": hr.email,
        "TALENTFEED_PASSWORD": PASSWORD,
        "TALENTFEED_CODES": ",".join(wechat.code("a phone") for _ in range(3)),
    }
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(NPM), "miniprogram"],
        env={**os.environ, **account},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    said = ended.stdout.decode()
    assert ended.returncode == 0, said
    assert "# skipped 0" in said, said
    assert "# fail 0" in said, said
