"""Files: taking them in from folders, and those that got no place."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from commands.filing import filing_of
from commands.running import run
from intake.files.outcome import MAX_BYTES
from intake.filing import Filed, Filing, rejected
from intake.record import MAX_KEY_CHARS
from store.stores import Stores

_HIDDEN = (".", "~$", "Thumbs.db")
"""How the names of files begin that a system or Word puts beside those of people."""


@click.command("intake")
@click.option(
    "--source", required=True, help="who sends the files; with the bytes it says which resume each is"
)
@click.option("--dry-run", is_flag=True, help="read the files, and store nothing")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.pass_context
def intake_(context: click.Context, source: str, dry_run: bool, paths: tuple[Path, ...]) -> None:
    """Take in resumes from files, and from all files in folders: PDF, Word, web pages, mails, texts.

    What gets no place is said with the reason, and kept for a week (`quarantine`). Exit status 1 where a file
    was rejected. After an interruption run it again: what is stored already is a duplicate.
    """
    source = source.strip()
    if not 0 < len(source) <= MAX_KEY_CHARS:
        raise click.BadParameter(f"takes 1 to {MAX_KEY_CHARS} characters", param_hint="--source")
    files = list(dict.fromkeys(file for path in paths for file in files_in(path)))
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()

    async def work(stores: Stores) -> None:
        async with filing_of(stores) as filing:
            with click.progressbar(files, label="reading", file=sys.stderr) as bar:
                for path in bar:
                    for one in await _take(filing, path, source, dry_run=dry_run):
                        counts[one.status] += 1
                        if one.status == "rejected":
                            reasons[one.reason or "unreadable"] += 1
                            # A line of its own, below the bar.
                            click.echo(f"\n{path.parent / one.file}: {words_of(one)}", err=True)

    try:
        run(context, work)
    finally:  # also after Ctrl-C: what is said to be stored is stored
        told = ("accepted", "updated", "duplicate", "to_confirm", "rejected")
        click.echo(f"files {len(files)}: " + ", ".join(f"{name} {counts[name]}" for name in told))
        for reason, count in reasons.most_common():
            click.echo(f"  rejected, {reason}: {count}")
    if counts["rejected"]:
        context.exit(1)


def words_of(filed: Filed) -> str:
    """Why a file was rejected, for people."""
    return "；".join(text for texts in filed.errors.values() for text in texts)


def files_in(path: Path) -> Iterator[Path]:
    """The files below a path, in order, without links; in folders also without hidden ones."""
    if path.is_symlink():
        return
    if path.is_file():
        yield path
    elif path.is_dir():
        for below in sorted(path.iterdir()):
            if not below.name.startswith(_HIDDEN):
                yield from files_in(below)


async def _take(filing: Filing, path: Path, source: str, *, dry_run: bool) -> list[Filed]:
    name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        data = await asyncio.to_thread(_read, path)
    except OSError:  # it went away, or is not ours to read: the others go on
        return [Filed(file=name, status="rejected", errors={"path": ["打不开这个文件，请检查权限"]})]
    if data is None:
        return [rejected(name, "too_large")]
    return await filing.take(name, data, source=source, dry_run=dry_run)


def _read(path: Path) -> bytes | None:
    """The bytes of a file; None for one that is too long."""
    # Opened once, and looked at then: a name may be another file's meanwhile.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError
        data = file.read(MAX_BYTES + 1)
    return None if len(data) > MAX_BYTES else data
