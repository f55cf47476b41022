"""Resumes: taking them in from lines, and erasing a person."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import BinaryIO

import click

from commands.filing import storing_of
from commands.running import checked_id, run
from intake.ndjson import LineSplitter
from intake.record import MAX_LINE_BYTES
from intake.upload import Upload
from store.stores import Stores

_CHUNK_BYTES = 256 * 1024
"""How much of a file is read at once: some hundred resumes, so that the progress bar moves. More would only
hold more of the file in memory, as it is read faster than it is stored."""


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.pass_context
def import_(context: click.Context, file: BinaryIO) -> None:
    """Take in resumes from FILE, NDJSON as `POST /resumes/` takes it; `-` is standard input."""
    # A pipe has no size. The bar then stands still and jumps to its end.
    size = os.fstat(file.fileno()).st_size if file.seekable() else None

    async def work(stores: Stores) -> Upload:
        upload = Upload(storing_of(stores))
        splitter = LineSplitter(MAX_LINE_BYTES)
        with click.progressbar(length=size or 1, label="importing", file=sys.stderr) as bar:
            while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                await upload.take(splitter.feed(chunk))
                bar.update(len(chunk) if size else 0)
            await upload.take(splitter.finish())
            await upload.flush()
            bar.update(0 if size else 1)
        return upload

    upload = run(context, work)
    for row in upload.rejected:
        click.echo(f"line {row.line}: {row.errors}", err=True)
    counts = ", ".join(f"{name} {count}" for name, count in upload.counts.items())
    click.echo(f"{counts}, rejected {len(upload.rejected)}")
    if upload.rejected:
        context.exit(1)


@click.command("erase-resume")
@click.argument("resume_id", metavar="ID")
@click.pass_context
def erase_resume(context: click.Context, resume_id: str) -> None:
    """Erase the person of resume ID everywhere; a second time is harmless."""
    resume_id = checked_id(resume_id, "ID")
    lists = run(context, lambda stores: stores.erasures.erase(resume_id), missing=f"no resume {resume_id}")
    click.echo(f"resume {resume_id} is erased, lists that had it: {len(lists)}")
