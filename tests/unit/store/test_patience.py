"""How long an answer of MongoDB may take: seconds for who waits, minutes for a command that reads all."""

import asyncio

import click
import pytest

from commands import reports
from store import mongo


def test_a_check_waits_for_longer_than_a_request(in_time, monkeypatch):
    given = {}

    def run(context, command, **how):
        given.update(how)
        raise click.Abort

    monkeypatch.setattr(reports, "run", run)
    with pytest.raises(click.Abort):
        reports.check.main([], standalone_mode=False)
    assert given["patience_s"] > 10 * mongo.TIMEOUT_S

    async def limit(*how):
        client = mongo.connect("mongodb://127.0.0.1:1/", *how)
        try:
            return client.delegate.options.pool_options.socket_timeout
        finally:
            client.close()

    assert asyncio.run(limit()) == mongo.TIMEOUT_S
    assert asyncio.run(limit(given["patience_s"])) == given["patience_s"]
