"""After each kind of act: what an open page shows by its frames is what it would show were it opened anew.

30 acts in a normal run, always the same ones; `TALENTFEED_FUZZ=long` plays others, in rounds of 60. The seed
is printed, and `TALENTFEED_SEED` plays it again.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from config.settings import Settings
from handlers.live import hub as hub_module
from process.life import Server
from tests.api.scene import INGEST
from tests.fuzz.model import JOBS
from tests.fuzz.window import Window, fresh
from tests.support import Answer, Hr, settings_for

IS_LONG = os.environ.get("TALENTFEED_FUZZ") == "long"
ACTS = 60 if IS_LONG else 20
GIVEN = os.environ.get("TALENTFEED_SEED")
SEED = int(GIVEN or 7)
ROUNDS = 20 if IS_LONG and not GIVEN else 1
WITHIN_S = 10.0
"""Within how many seconds of the quiet the page shows it. No read of everything comes to the aid of a hint
that was lost: that is put off."""
QUIET_WITHIN_S = 120.0
MOST_FEEDS = 4
REASONS = ("title", "degree_low", "salary_high", "industry", "area")

Entry = tuple[str, str]
"""A feed's id and a resume's."""


class Recruiting:
    """One recruiter, one open page of theirs, and what happens, drawn at random.

    Args:
        hr: The recruiter.
        seed: Of what is drawn; resumes are named by it too, as their ids give them an order.
    """

    def __init__(self, hr: Hr, seed: int) -> None:
        self.told: list[str] = []
        self.done: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._hr = hr
        self._rng = Random(seed)
        self._name = f"{seed:08x}"
        self._window: Window
        self._listed: dict[str, list[str]] = {}
        self._deleted: set[Entry] = set()
        # By resume the feed in which it was watched.
        self._watched: dict[str, str] = {}
        self._joined: set[tuple[str, str]] = set()
        self._paused: set[str] = set()
        # Of each resume by id: what its source calls it, its person, its job and its version.
        self._sent: dict[str, tuple[str, int, str, int]] = {}
        self._acts: dict[str, tuple[Callable[[], Any], Callable[[], Awaitable[None]]]] = {
            "submit": (lambda: len(self._listed) < MOST_FEEDS, self._submit),
            "edit": (lambda: self._listed, self._edit),
            "pause": (lambda: self._listed.keys() - self._paused, self._pause),
            "resume": (lambda: self._paused, self._resume),
            "delete a feed": (lambda: len(self._listed) > 1, self._delete_feed),
            "upload": (lambda: self._listed, self._upload),
            "update": (lambda: self._sent, self._update),
            "read": (self._entries, self._read),
            "delete": (self._entries, self._delete),
            "restore": (lambda: self._deleted, self._restore),
            "watch": (self._entries, self._watch),
            "unwatch": (lambda: self._watched, self._unwatch),
            "join": (self._pairs, self._join),
            "part": (lambda: self._joined, self._part),
            "erase": (lambda: self._sent, self._erase),
            "open anew": (lambda: True, self._open_anew),
            "much at once": (lambda: self._entries() and self._sent, self._much_at_once),
        }

    async def open(self) -> None:
        self._window = await Window.open(self._hr)

    async def close(self) -> None:
        """Leave nothing that another round would meet."""
        for feed_id in self._listed:
            await self._hr.get(f"/feed/delete/{feed_id}")
        self.kinds.update(frame["type"] for frame in self._window.frames)
        await self._window.close()

    def undone(self) -> set[str]:
        """The acts that were not done yet."""
        return self._acts.keys() - self.done.keys()

    async def act(self) -> None:
        """Do one of what is possible and has been done least."""
        possible = [name for name, (is_possible, _) in self._acts.items() if is_possible()]
        least = min(self.done.get(name, 0) for name in possible)
        name = self._rng.choice([one for one in possible if self.done.get(one, 0) == least])
        self.done[name] += 1
        self.told.append(name)
        await self._acts[name][1]()

    async def hold_to_a_fresh_read(self) -> None:
        """Wait until nothing is left to be done, and compare."""
        loop = asyncio.get_running_loop()
        quiet_by = loop.time() + QUIET_WITHIN_S
        while not await self._is_quiet():
            assert loop.time() < quiet_by, "there is no quiet"
            await asyncio.sleep(0.02)
        shown_by = loop.time() + WITHIN_S
        while True:
            there, listed = await fresh(self._hr)
            shown = self._window.shown()
            if shown == there and not self._window.is_reading:
                break
            if loop.time() > shown_by:
                # Without `assert`, whose comparison would be as long as the lists.
                raise AssertionError(f"the page shows\n{shown}\nand a fresh one\n{there}")
            await asyncio.sleep(0.05)
        assert not self._window.closed.is_set()
        self._listed = listed
        self._paused &= listed.keys()
        self._deleted = {one for one in self._deleted if one[0] in listed}

    async def _is_quiet(self) -> bool:
        if (await self._hr.get("/readyz")).json.get("unscored") != 0:
            return False
        page = await self._hr.read("/special_feed/page/")
        feeds = [row["feed"] for row in page["data"]["all_feed"]]
        return all(feed["calced"] or feed["paused"] for feed in feeds)

    # What there is to act on, always in one order, as everything that is drawn depends on it.

    def _entries(self) -> list[Entry]:
        return [(feed_id, resume_id) for feed_id, ids in self._listed.items() for resume_id in ids]

    def _pairs(self) -> list[tuple[str, str]]:
        ids = dict.fromkeys(resume_id for _, resume_id in self._entries())
        return [(one, other) for one in ids for other in ids if one < other]

    def _one(self, some: Any) -> Any:
        """One of them; of what has no order of its own, by the order in which it was sent or made."""
        return self._rng.choice(list(some))

    # What happens. `_say` notes what was drawn.

    def _say(self, *what: Any) -> None:
        self.told[-1] += f" {what}"

    async def _submit(self) -> None:
        job = self._one(JOBS)
        self._say(job)
        await self._form(title=job)

    async def _edit(self) -> None:
        feed_id, job = self._one(self._listed), self._one(JOBS)
        self._say(feed_id, job)
        await self._form(title=job, feed_id=feed_id)

    async def _form(self, **fields: str) -> None:
        is_ok(await self._hr.post("/special_feed/submit_feed/", fields))

    async def _pause(self) -> None:
        feed_id = self._one(one for one in self._listed if one not in self._paused)
        self._say(feed_id)
        is_ok(await self._hr.post("/special_feed/pause/", {"feed_id": feed_id, "paused": 1}))
        self._paused.add(feed_id)

    async def _resume(self) -> None:
        feed_id = self._one(sorted(self._paused))
        self._say(feed_id)
        is_ok(await self._hr.post("/special_feed/pause/", {"feed_id": feed_id, "paused": 0}))
        self._paused.discard(feed_id)

    async def _delete_feed(self) -> None:
        feed_id = self._one(self._listed)
        self._say(feed_id)
        is_ok(await self._hr.get(f"/feed/delete/{feed_id}"))

    async def _upload(self) -> None:
        """Some new resumes, of which one may be of a person who is there."""
        lines = []
        for _ in range(self._rng.randint(1, 4)):
            number = len(self._sent) + len(lines)
            person = self._rng.randrange(number + 1) if self._rng.random() < 0.2 else number
            lines.append((f"{self._name}-{number}-{self.done['upload']}", person, self._one(JOBS), 1))
        await self._ingest(*lines)

    async def _update(self) -> None:
        """One comes again, about another job, or as it was but for a word."""
        source_id, person, _, version = self._sent[self._one(self._sent)]
        await self._ingest((source_id, person, self._one(JOBS), version + 1))

    async def _ingest(self, *lines: tuple[str, int, str, int]) -> None:
        self._say(*lines)
        answer = await self._hr.ingest(*(resume(*line, of=self._name) for line in lines))
        self._sent |= dict(zip(answer["ids"], lines, strict=True))

    async def _read(self) -> None:
        feed_id, resume_id = self._one(self._entries())
        self._say(feed_id, resume_id)
        is_ok(await self._hr.get(f"/feed/get/{feed_id}/{resume_id}"))

    async def _delete(self) -> None:
        entry, reason = self._one(self._entries()), self._one(REASONS)
        self._say(entry, reason)
        is_ok(await self._modify(entry, -150, feedback=reason))
        self._deleted.add(entry)

    async def _restore(self) -> None:
        entry = self._one(sorted(self._deleted))
        self._say(entry)
        # Erased meanwhile, or one that no longer matches.
        is_ok(await self._modify(entry, 150), or_missing=True)
        self._deleted.discard(entry)

    async def _modify(self, entry: Entry, to: int, **query: str) -> Answer:
        ids = {"feed_id": entry[0], "resume_id": entry[1]}
        return await self._hr.get("/feed/modify_feed_result", **ids, reco_index=to, **query)

    async def _watch(self) -> None:
        feed_id, resume_id = self._one(self._entries())
        self._say(feed_id, resume_id)
        is_ok(await self._hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id))
        self._watched[resume_id] = feed_id

    async def _unwatch(self) -> None:
        resume_id = self._one(sorted(self._watched))
        feed_id = self._watched.pop(resume_id)
        self._say(feed_id, resume_id)
        is_ok(await self._hr.get(f"/resumes/remove_watch/{resume_id}", feed_id=feed_id), or_missing=True)

    async def _join(self) -> None:
        pair = self._one(self._pairs())
        self._say(pair)
        is_ok(await self._decide("join", pair))
        self._joined.add(pair)

    async def _part(self) -> None:
        pair = self._one(sorted(self._joined))
        self._say(pair)
        is_ok(await self._decide("part", pair), or_missing=True)
        self._joined.discard(pair)

    async def _decide(self, verb: str, pair: tuple[str, str]) -> Answer:
        return await self._hr.post(f"/resumes/{verb}/", {"resume_id": pair[0], "other_id": pair[1]})

    async def _erase(self) -> None:
        listed = {resume_id for _, resume_id in self._entries()}
        resume_id = self._one([one for one in self._sent if one in listed] or self._sent)
        self._say(resume_id, *self._sent[resume_id])
        is_ok(await self._hr.call("DELETE", f"/resumes/{resume_id}", headers=INGEST))
        del self._sent[resume_id]

    async def _open_anew(self) -> None:
        self.kinds.update(frame["type"] for frame in self._window.frames)
        await self._window.close()
        await self.open()

    async def _much_at_once(self) -> None:
        """What comes while something else is being told: resumes, an edit and clicks in one moment."""
        entries = self._entries()
        entry, clicked, feed_id = self._one(entries), self._one(entries), self._one(self._listed)
        self._say(entry, clicked, feed_id)
        job = self._one(JOBS)
        _, _, read, modified = await asyncio.gather(
            self._upload(),
            self._form(title=job, feed_id=feed_id),
            self._hr.get(f"/feed/get/{entry[0]}/{entry[1]}"),
            self._modify(clicked, -150),
        )
        for answer in (read, modified):  # each may just have gone off its list
            is_ok(answer, or_missing=True)
        if modified.status == "ok":
            self._deleted.add(clicked)


def is_ok(answer: Answer, *, or_missing: bool = False) -> None:
    assert answer.status == "ok" or (or_missing and answer.status == "not_found"), answer.json


def resume(source_id: str, person: int, job: str, version: int, *, of: str) -> dict[str, Any]:
    return {
        "source": f"window-{of}",
        "source_id": source_id,
        "job_target": {"job_career": job},
        "works": [{"position_title": job, "job_desc": JOBS[job]}],
        "hr_evaluate": f"第{version}版",
        "name": "王小明",
        "phone": f"138{int(of, 16) % 10_000:04d}{person:04d}",
    }


@pytest.fixture
def settings(store_urls: dict[str, str], tmp_path: Any) -> Settings:
    return settings_for(store_urls, tmp_path, feed_quota=10_000)


@pytest.fixture
def unhealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the server starts: nothing is read anew by the clock."""
    monkeypatch.setattr(hub_module, "_REREAD_EVERY_S", 3600.0)


@pytest.mark.long
@pytest.mark.gen_test(timeout=3600)
async def test_after_every_act_a_page_shows_what_it_would_show_were_it_opened_anew(
    unhealed: None, server: Server, hr: Hr
) -> None:
    done: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for _ in range(ROUNDS):
        seed = SEED if ROUNDS == 1 else secrets.randbits(32)
        print(f"seed {seed}")
        recruiting = Recruiting(hr, seed)
        await recruiting.open()
        try:
            await recruiting.hold_to_a_fresh_read()
            # Each kind at least once: some need what others leave.
            while recruiting.done.total() < ACTS or recruiting.undone():
                assert recruiting.done.total() < 5 * ACTS, f"never possible: {recruiting.undone()}"
                await recruiting.act()
                await recruiting.hold_to_a_fresh_read()
        except Exception as error:
            error.add_note("\n".join([f"TALENTFEED_SEED={seed}, after these:", *recruiting.told]))
            raise
        await recruiting.close()
        done += recruiting.done
        kinds += recruiting.kinds
    print(f"{dict(done)} told by {dict(kinds)}")
    assert kinds.keys() == {"snapshot", "unread", "progress", "removed"}
