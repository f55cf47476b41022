"""The audit, for whoever has to answer who saw or did what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import click

from commands.running import checked_id, run
from runtime.clock import SHANGHAI
from runtime.security_log import account_hash
from store.audit.history import AuditRow
from store.ids import is_id
from store.stores import Stores

_TIMES = ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]


@click.command()
@click.option("--account", metavar="EMAIL|ID", help="what this account did, or operators did about it")
@click.option("--resume", metavar="ID", help="who saw this resume, its contact among it, or erased it")
@click.option("--since", type=click.DateTime(_TIMES), help="from this time on; of Asia/Shanghai")
@click.pass_context
def audit(context: click.Context, account: str | None, resume: str | None, since: datetime | None) -> None:
    """Print rows of the audit in order of time, one JSON object a line.

    An account that is deleted is found by its id.
    """
    if resume is not None:
        resume = checked_id(resume, "--resume")

    async def work(stores: Stores) -> tuple[list[AuditRow], dict[str, str]]:
        account_id = await _id_of(stores, account) if account is not None else None
        rows = await stores.audit_history.rows(
            account=account_id,
            resume=resume,
            since=since.replace(tzinfo=SHANGHAI) if since else None,
        )
        return rows, await stores.operators.names({row.operator for row in rows if row.operator})

    rows, operators = run(context, work)
    for row in rows:
        click.echo(_line(row, operators))
    if not rows and (account or resume):
        raise click.ClickException(f"no rows of {account or resume}")


async def _id_of(stores: Stores, account: str) -> str:
    if is_id(account.lower()):
        return account.lower()
    found = await stores.accounts.find_by_email(account)
    if found is None:
        raise click.ClickException(f"{account} has no account")
    return found.id


def _line(row: AuditRow, operators: Mapping[str, str]) -> str:
    """What a row has, in JSON; operators by address. `account_hash` is how the log calls the account."""
    shown: dict[str, object] = {
        "at": f"{row.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        "action": row.action,
        "account": row.account,
        "account_hash": account_hash(row.account) if row.account else "",
        "resumes": row.resumes,
        "feed": row.feed,
        "command": row.command,
        "operator": operators.get(row.operator, row.operator),
        "request_id": row.request,
        "chain": row.chain,
        "seq": row.seq,
    }
    return json.dumps({name: value for name, value in shown.items() if value not in ("", [])})
