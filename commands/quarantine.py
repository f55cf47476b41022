"""The quarantine: resumes that could not be scored, and files that got no place."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click

from commands.filing import filing_of
from commands.intake import words_of
from commands.running import checked_id, run
from runtime.clock import clock_text
from store.files.file_quarantine import QuarantinedFile
from store.files.file_store import Torn
from store.resumes.quarantine import QuarantinedResume
from store.stores import Stores

_ALL = 100_000
"""Files that are read again at a time: more than sources can have there."""


@click.command()
@click.option("--retry", metavar="ID", help="score or read this one again; `all` for all of them")
@click.option("--export", nargs=2, metavar="ID FILE", help="write a file that got no place to FILE")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="most rows shown, of each kind")
@click.pass_context
def quarantine(context: click.Context, retry: str | None, export: tuple[str, str] | None, limit: int) -> None:
    """Show resumes that could not be scored and files that got no place, or have them tried again.

    Each resume was tried several times; its neighbours did not wait for it. One that is sent again changed is
    tried again by itself, and so are all after an upgrade. Files are kept for seven days; they can be read
    again after OCR was installed, for instance.
    """
    if retry is not None and retry != "all":
        retry = checked_id(retry, "--retry", takes="24 hex digits, or `all`")
    if export:
        file_id = checked_id(export[0], "--export", takes="24 hex digits and a file")
        _export(context, file_id, Path(export[1]))
    elif retry:
        _retry(context, retry)
    else:
        _show(context, limit)


def _show(context: click.Context, limit: int) -> None:
    async def work(
        stores: Stores,
    ) -> tuple[list[QuarantinedResume], int, list[QuarantinedFile], int]:
        resumes, files = stores.quarantine, stores.file_quarantine
        return await resumes.list(limit), await resumes.count(), await files.list(limit), await files.count()

    resumes, count, files, file_count = run(context, work)
    for row in resumes:
        tries = row.failures or row.crashed_attempts
        click.echo(f"{row.resume}  {clock_text(row.at)}  tries {tries}  {row.reason}")
    click.echo(f"in quarantine: {count}" + (f", shown: {len(resumes)}" if len(resumes) < count else ""))
    for file in files:
        kind, size = file.kind or "?", -(-file.size // 1024)
        told = f"{file.reason}  {kind}  {size} KiB  {file.source}  {file.name}"
        click.echo(f"{file.id}  {clock_text(file.at)}  {told}")
    click.echo(
        f"files in quarantine: {file_count}" + (f", shown: {len(files)}" if len(files) < file_count else "")
    )


def _retry(context: click.Context, which: str) -> None:
    outcomes: Counter[str] = Counter()

    async def work(stores: Stores) -> list[str]:
        ids = await stores.quarantine.release(None if which == "all" else [which])
        await stores.queue.add(ids)
        found = None if which == "all" else await stores.file_quarantine.get(which)
        files = await stores.file_quarantine.list(_ALL) if which == "all" else [found] if found else []
        if files:
            await read_again(stores, files, outcomes)
        return ids

    ids = run(context, work)
    if which != "all" and not ids and not outcomes:
        raise click.ClickException(f"{which} is not in quarantine")
    click.echo(f"resumes to score again: {len(ids)}")
    if outcomes:
        told = ", ".join(f"{name} {count}" for name, count in sorted(outcomes.items()))
        click.echo(f"files read again: {outcomes.total()} ({told})")


async def read_again(stores: Stores, files: list[QuarantinedFile], outcomes: Counter[str]) -> None:
    """Take files in again, as they were sent; those that get a place leave the quarantine."""
    async with filing_of(stores) as filing:
        with click.progressbar(files, label="reading", file=sys.stderr) as bar:
            for file in bar:
                try:
                    filed = await filing.take_again(file)
                except Torn:  # its week was over a moment ago
                    continue
                for one in filed:
                    outcomes[one.status] += 1
                    if one.status == "rejected":
                        click.echo(f"\n{file.id}: {words_of(one)}", err=True)


def _export(context: click.Context, which: str, to: Path) -> None:
    async def work(stores: Stores) -> bytes:
        file = await stores.file_quarantine.get(which)
        if file is None:
            raise click.ClickException(f"file {which} is not in quarantine")
        try:
            return await stores.file_quarantine.read(file)
        except Torn:
            raise click.ClickException(f"file {which} is not whole: it was cut off while it came") from None

    data = run(context, work)
    try:
        to.touch(mode=0o600, exist_ok=False)
        to.write_bytes(data)
    except OSError as error:
        raise click.ClickException(f"{to}: {error.strerror}") from None
    click.echo(f"{len(data)} bytes are in {to}; they are a stranger's, open them with care")
