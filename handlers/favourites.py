"""`GET /resume/follow/list/`: the favourites, and the search in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Moment, Ok
from handlers.items import ContactInfo, ResumeView, unlocked
from handlers.results import PageIndex, PageSize
from runtime.clock import clock_text
from runtime.decoding import Id
from runtime.slices import Slices
from store.candidate_records import CandidateRecord, CandidateRecords
from store.contacts import Contact, Contacts
from store.results import Results
from store.resumes import Resumes

_CHUNK = 200

Field = Literal["position_title", "company_name", "name", "school", "all"]


class FollowQuery(msgspec.Struct, kw_only=True):
    """The parameters of `follow/list`.

    Attributes:
        size: Favourites a page.
        search_fields: Where to search: the position, the companies, the name (of unlocked contacts alone),
            the schools, or everywhere.
        keywords: Words, each of which must be found; left out for all favourites.
    """

    start: PageIndex = 0
    size: PageSize = 10
    search_fields: Field = "all"
    keywords: Annotated[str, msgspec.Meta(max_length=200)] = ""


class FollowContact(ContactInfo, kw_only=True):
    """The contact; `status` alone until it is unlocked."""

    status: Literal["public", "secret"]


class FollowResume(ResumeView):
    """A resume with its contact."""

    contact_info: FollowContact


class FollowItem(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One favourite.

    Attributes:
        feed_id: The feed in whose list it was made one.
        keywords: What of that feed the resume has.
    """

    feed_id: Id
    add_time: Moment
    keywords: list[str]
    resume: FollowResume


class FollowAnswer(Ok):
    """One page of favourites, newest first.

    Attributes:
        total_count: What paging can reach.
        next_start: `start` of the next page; -1 on the last.
    """

    total_count: int
    next_start: int
    data: list[FollowItem]


class FollowListHandler(ApiHandler):
    """`GET /resume/follow/list/`."""

    contract = Contract(
        "Favourites, newest first, and the search in them", query=FollowQuery, answer=FollowAnswer
    )

    params: FollowQuery
    resumes: Resumes
    results: Results
    records: CandidateRecords
    contacts: Contacts

    async def handle(self) -> None:
        """Without `keywords` all favourites are listed."""
        start, size = self.params.start, self.params.size
        words = searched_words(self.params.keywords)
        if words:
            found = await self._search(words)
            total, page = len(found), found[start * size : (start + 1) * size]
        else:
            total = await self.records.count_watched(self.user_id)
            page = await self.records.watched(self.user_id, skip=start * size, limit=size)
        next_start = start + 1 if (start + 1) * size < total else -1
        self.ok(total_count=total, next_start=next_start, data=await self._view(page))

    async def _search(self, words: Sequence[str]) -> list[CandidateRecord]:
        """The favourites in which every word is found, newest first."""
        field, slices, found = self.params.search_fields, Slices(), []
        watched = await self.records.all_watched(self.user_id)
        for at in range(0, len(watched), _CHUNK):
            chunk = watched[at : at + _CHUNK]
            names = await self._names(chunk) if field in {"name", "all"} else {}
            bodies = {} if field == "name" else await self.resumes.bodies([one.resume for one in chunk])
            for record in chunk:
                texts = searched_texts(field, bodies.get(record.resume, {}), names.get(record.resume, ""))
                text = "\n".join(folded(text) for text in texts)
                if all(word in text for word in words):
                    found.append(record)
                await slices.rest()
        return found

    async def _names(self, records: Sequence[CandidateRecord]) -> dict[str, str]:
        """Names of the people whose contact is unlocked: no other name can be guessed by searching."""
        open_ids = unlocked({record.resume: record for record in records})
        contacts = await self.contacts.disclose(self.user_id, open_ids, "search", self.request_id)
        return {resume: contact.name for resume, contact in contacts.items()}

    async def _view(self, page: Sequence[CandidateRecord]) -> list[dict[str, Any]]:
        ids = [record.resume for record in page]
        bodies = await self.resumes.bodies(ids)
        keywords = await self.results.find_keywords(
            [(record.watch.feed, record.resume) for record in page if record.watch]
        )
        open_ids = unlocked({record.resume: record for record in page})
        statuses = await self.contacts.statuses(ids)
        contacts = await self.contacts.disclose(self.user_id, open_ids, "list", self.request_id)
        return [
            {
                "feed_id": record.watch.feed,
                "add_time": clock_text(record.watch.at),
                "keywords": keywords.get((record.watch.feed, record.resume), []),
                "resume": {
                    **bodies[record.resume],
                    "id": record.resume,
                    "contact_info": _contact(
                        statuses.get(record.resume, "secret"), contacts.get(record.resume)
                    ),
                },
            }
            for record in page
            if record.watch and record.resume in bodies
        ]


def _contact(status: str, contact: Contact | None) -> dict[str, str]:
    if contact is None or "secret" in {status, contact.status}:
        return {"status": status}
    return {
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
        "qq": contact.qq,
        "status": status,
    }


_BLANKS = re.compile(r"\s+")
# Beside a Chinese character a blank says nothing: 数据 挖掘 is 数据挖掘, Python 开发 is Python开发.
_CHINESE_GAP = re.compile(r"(?<=[㐀-鿿])\s+|\s+(?=[㐀-鿿])")


def folded(text: str) -> str:
    """A text as it is compared: without regard to case, width and blanks between Chinese characters."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _BLANKS.sub(" ", _CHINESE_GAP.sub("", text))


def searched_words(keywords: str) -> list[str]:
    """The words to search for, each as it is compared; blanks and commas part them."""
    text = unicodedata.normalize("NFKC", keywords).casefold()
    return list(dict.fromkeys(word for word in re.split(r"[\s,、]+", text) if word))


def searched_texts(field: Field, body: dict[str, Any], name: str) -> Iterator[str]:
    """The texts of a resume that a search looks at."""
    works, schools = body.get("works", []), body.get("education", [])
    match field:
        case "position_title":
            yield from (work["position_title"] for work in works)
            yield body.get("job_target", {}).get("job_career", "")
        case "company_name":
            yield from (work["compnay_name"] for work in works)
        case "school":
            yield from (school["school"] for school in schools)
        case "name":
            yield name
        case "all":
            yield name
            yield from _all_texts(body)


def _all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _all_texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _all_texts(part)
    elif value is not None:
        yield str(value)
