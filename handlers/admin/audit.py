"""The audit at the desk: its rows, the newest first, and whether its chains hold."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from handlers.admin.desk import AdminHandler, DeskHandler
from handlers.api.contract import Answer, Contract, Moment, Ok, Shape
from handlers.api.errors import BadRequest, TooMany, WrongForm
from runtime.clock import SHANGHAI, clock_text
from runtime.decoding import Id, OptionalId
from store.accounts.accounts import Accounts
from store.accounts.operators import Operators
from store.audit.check import AuditCheck
from store.audit.history import AuditHistory, AuditRow, Place
from store.ids import is_id

_CHECK_S = 20.0
"""How long a check of the chains goes on. An embedded store reads a million rows in about that time; of more
`manage.py check` reads all."""
_MOST_BROKEN = 50
"""Lines about what is broken that are told. One is enough to begin with."""
_CURSOR = re.compile(r"([0-9]{1,15})-([0-9]{1,9})-([0-9]{1,15})")


class FindRows(msgspec.Struct):
    """Which rows; all conditions hold together.

    Attributes:
        account: Who acted, or whom an operator's command was about: an id, or the address of an account.
        resume: About whom.
        since: `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS` of Shanghai; from then on.
        before: `next` of the page before.
        size: Rows of a page.
    """

    account: Annotated[str, msgspec.Meta(max_length=300)] = ""
    resume: OptionalId = ""
    since: Annotated[
        str, msgspec.Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?)?\Z")
    ] = ""
    before: Annotated[str, msgspec.Meta(max_length=60)] = ""
    size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class AuditLine(Shape):
    """One row.

    Attributes:
        account: Who acted, or whom an operator's command was about; "" for nobody.
        account_email: The account's address; null where it is deleted, or where there is none.
        operator: The operator's address, of what was done at the desk.
        command: What an operator did, with the names of options.
        chain: In which chain it stands; 0 for none.
        seq: As which row of it.
    """

    at: Moment
    action: str
    account: str
    account_email: str | None
    operator: str
    resumes: list[Id]
    feed: str
    command: str
    request_id: str
    chain: int
    seq: int


class AuditAnswer(Answer):
    """One page of the audit.

    Attributes:
        rows: The newest first.
        next: For `before`; null at the end.
        errors: With `form_error`.
    """

    status: Literal["ok", "form_error"]
    rows: list[AuditLine] = msgspec.field(default_factory=list)
    next: str | None = None
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class CheckAnswer(Ok):
    """Whether the chains hold.

    Attributes:
        state: `unfinished` where there are more rows than can be read now, and what was read holds.
        rows: How many were read.
        chains: How many chains there are, as far as was read.
        broken: What is broken, in the words of `manage.py check`; at most fifty lines.
        foreign: Chains that were sealed with another key: their seals cannot be verified.
    """

    state: Literal["ok", "broken", "unfinished"]
    rows: int
    chains: int
    broken: list[str]
    foreign: list[int]
    took_s: float


class ChainCheck:
    """Checks the audit's chains, once at a time. Belongs to one event loop."""

    def __init__(self, check: AuditCheck) -> None:
        self._check = check
        self._lock = asyncio.Lock()

    async def run(self) -> dict[str, Any]:
        """Check them, for `_CHECK_S` at most; gives the fields of a `CheckAnswer`.

        Raises:
            TooMany: Somebody else's check goes on.
        """
        if self._lock.locked():
            raise TooMany(int(_CHECK_S), "正在校验")
        async with self._lock:
            began, broken, is_whole = time.monotonic(), list[str](), False
            with suppress(TimeoutError):
                async with asyncio.timeout(_CHECK_S):
                    async for line in self._check.broken():
                        broken.append(line)
                        if len(broken) >= _MOST_BROKEN:
                            break
                    is_whole = True
            verified = self._check.verified
            return {
                "state": "broken" if broken else "ok" if is_whole else "unfinished",
                "rows": verified.rows,
                "chains": verified.last,
                "broken": broken,
                "foreign": list(verified.foreign),
                "took_s": round(time.monotonic() - began, 2),
            }


class AuditHandler(DeskHandler):
    """`POST /admin/api/audit/`."""

    contract = Contract("Rows of the audit", body=FindRows, answer=AuditAnswer)
    methods = ("POST",)
    changes_state = False
    units = 10

    form: FindRows
    accounts: Accounts
    history: AuditHistory
    operators: Operators

    async def handle(self) -> None:
        """By POST, as an address may be among what is asked for, and URLs are logged."""
        form = self.form
        account = form.account.strip()
        if account and not is_id(account.lower()):
            found = await self.accounts.find_by_email(account)
            if found is None:
                raise WrongForm({"account": ["没有这个账号；已删除的账号请用编号查找"]})
            account = found.id
        since = _moment(form.since)
        if form.since and since is None:
            raise WrongForm({"since": ["没有这一天或这个时间"]})
        rows = await self.history.page(
            account=account.lower() or None,
            resume=form.resume or None,
            since=since,
            before=_place(form.before),
            limit=form.size + 1,
        )
        shown = rows[: form.size]
        next_ = _cursor(shown[-1]) if len(rows) > form.size else None
        self.ok(rows=await self._lines(shown), next=next_)

    async def _lines(self, rows: list[AuditRow]) -> list[AuditLine]:
        accounts = await self.accounts.find(sorted({row.account for row in rows if row.account}))
        operators = await self.operators.names({row.operator for row in rows if row.operator})
        return [
            AuditLine(
                at=clock_text(row.at),
                action=row.action,
                account=row.account,
                account_email=accounts[row.account].email if row.account in accounts else None,
                operator=operators.get(row.operator, row.operator),
                resumes=row.resumes,
                feed=row.feed,
                command=row.command,
                request_id=row.request,
                chain=row.chain,
                seq=row.seq,
            )
            for row in rows
        ]


class CheckHandler(AdminHandler):
    """`POST /admin/api/audit/check/`."""

    contract = Contract("Check the audit's chains", answer=CheckAnswer)
    deadline_s = None
    takes_turns = False
    units = 100

    chain_check: ChainCheck

    async def handle(self) -> None:
        """Reads for twenty seconds at most, one check at a time."""
        self.ok(**await self.chain_check.run())


def _moment(text: str) -> datetime | None:
    """A time of Shanghai; None for none, and for one that no calendar has."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=SHANGHAI) if moment.year >= 1971 else None


def _cursor(row: AuditRow) -> str:
    """A row's place, as a client gives it back."""
    milliseconds = (row.at - _EPOCH) // timedelta(milliseconds=1)
    return f"{milliseconds}-{row.chain}-{row.seq}"


def _place(text: str) -> Place | None:
    """What `_cursor` gave; None for ""."""
    if not text:
        return None
    found = _CURSOR.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        at = _EPOCH + timedelta(milliseconds=int(found[1]))
    except (ValueError, OverflowError):
        raise BadRequest({"before": ["应为上一页给出的 next"]}) from None
    return Place(at, int(found[2]), int(found[3]))


_EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI) + timedelta(hours=8)
