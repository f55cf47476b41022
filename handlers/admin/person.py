"""One person at the desk: found by phone or e-mail over all sources, given out, erased.

What is typed stands in no URL and no log. Each step is in the audit twice: before anybody is looked for, and
with the resumes that were found, before anything of them is shown or done.
"""

from __future__ import annotations

import asyncio
from typing import Literal

import msgspec

from handlers.admin.accounts import ShortText
from handlers.admin.desk import AdminHandler, DeskHandler
from handlers.api.contract import Answer, Contract, Ok, Shape
from handlers.api.errors import Declined, WrongForm
from handlers.views.resume_view import ResumeView, resume_view
from runtime.decoding import Errors, Id, dump
from store.errors import NotFound
from store.persons.people import People, Person, SeveralNames
from store.persons.reach import folded_name, reach_of
from store.resumes.resumes import Resumes

_MOST_NAMES = 10
"""Names that are told of a phone that many use."""


class Reach(msgspec.Struct):
    """By what a person is found.

    Attributes:
        phone: However it is written.
        email: In any case.
        name: Whose, where resumes of several names say these; "" for all.
    """

    phone: ShortText = ""
    email: ShortText = ""
    name: ShortText = ""

    def errors(self) -> Errors:
        """What is wrong with it."""
        reach = self.reach
        found: dict[str, list[str]] = {}
        if self.phone.strip() and not any(one.startswith("p:") for one in reach):
            found["phone"] = ["请填写至少 7 位的电话号码"]
        if self.email.strip() and not any(one.startswith("e:") for one in reach):
            found["email"] = ["请填写有效的邮箱"]
        if not found and not reach:
            found["phone"] = ["请填写电话或邮箱"]
        if self.name and not folded_name(self.name):
            found["name"] = ["请填写姓名"]
        return found

    @property
    def reach(self) -> list[str]:
        """The same in one spelling."""
        return reach_of(self.phone, self.email)


class ConfirmedReach(Reach):
    """Whom to erase.

    Attributes:
        confirm: The phone or e-mail once more, typed anew.
    """

    confirm: ShortText = ""

    def errors(self) -> Errors:
        """What is wrong with it."""
        found = dict(Reach.errors(self))
        again = reach_of(self.confirm, self.confirm)
        if not found and not (again and set(again) <= set(self.reach)):
            found["confirm"] = ["与要删除的电话或邮箱不一致，请重新输入"]
        return found


class PersonResume(Shape):
    """One resume of the person, with its contact.

    Attributes:
        consent: On what ground it may be kept, in its source's words.
        collected_at: When it was collected, as its source says.
        latest_news_at: When its source sent it last.
    """

    resume_id: Id
    source: str
    source_id: str
    consent: str
    collected_at: str
    arrived_at: str | None
    latest_news_at: str | None
    contact_status: str
    name: str
    phone: str
    email: str


class PersonAnswer(Answer):
    """Who was found; nobody is an empty list.

    Attributes:
        names: The names in these resumes.
        is_shared: Several names say what was asked for: to export or erase takes one of them, as `name`.
        errors: With `form_error`.
    """

    status: Literal["ok", "form_error"]
    resumes: list[PersonResume] = msgspec.field(default_factory=list)
    names: list[str] = msgspec.field(default_factory=list)
    is_shared: bool = False
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class ResumeAnswer(Ok):
    """One resume.

    Attributes:
        about: Where it is from, and its contact.
        resume: What it says; phones and e-mails in its texts are masked.
    """

    about: PersonResume
    resume: ResumeView


class NotExported(Answer):
    """Why nothing is given out.

    Attributes:
        status: `shared`: several names say it, and none was given.
        names: With `shared`, some of these.
        errors: With `form_error`.
    """

    status: Literal["form_error", "shared"]
    names: list[str] = msgspec.field(default_factory=list)
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class NamedNote(Shape):
    """A note with the person's name in it, which an operator has to look at."""

    account: Id
    resume_id: Id


class ErasedAnswer(Answer):
    """What was erased.

    Attributes:
        status: `shared`: several names say it and none was given, so nothing was erased.
        erased: The resumes.
        lists: How many lists lost a result.
        notes_masked: In how many notes the phone or e-mail was masked.
        notes_with_the_name: Notes that have the name, which may be somebody else's.
        names: With `shared`, some of these.
        errors: With `form_error`.
    """

    status: Literal["ok", "form_error", "shared"]
    erased: list[Id] = msgspec.field(default_factory=list)
    lists: int = 0
    notes_masked: int = 0
    notes_with_the_name: list[NamedNote] = msgspec.field(default_factory=list)
    names: list[str] = msgspec.field(default_factory=list)
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class ResumeHandler(DeskHandler):
    """`GET /admin/api/resumes/{resume_id}/`."""

    contract = Contract("One resume", answer=ResumeAnswer)
    needs_role = "admin"

    people: People
    resumes: Resumes

    async def handle(self, resume_id: str) -> None:
        """A stored resume with its contact, as from a row of a table or of the audit."""
        person = await self.people.get(resume_id)
        bodies = await self.resumes.bodies([resume_id])
        if resume_id not in bodies:
            raise NotFound(f"no resume {resume_id}")
        (about,) = await self.people.summaries(person)
        self.ok(about=PersonResume(**about), resume=resume_view(resume_id, bodies[resume_id]))


class PersonHandler(AdminHandler):
    """Base of the three. Each is a row of the audit, so no other site may cause it."""

    units = 10

    form: Reach
    people: People

    def check_form(self) -> None:
        """Look at what was typed, and decline what finds nobody."""
        if wrong := self.form.errors():
            raise WrongForm(wrong)

    async def somebody(self, *, to_erase: bool = False) -> Person:
        """Who is meant; it is noted before anything of them is shown or done.

        Raises:
            NotFound: Nobody is found.
            Declined: Several names say what was asked for.
        """
        self.check_form()
        try:
            person = await self.people.find_somebody(self.form.reach, self.form.name, to_erase=to_erase)
        except SeveralNames as several:
            names = several.names[:_MOST_NAMES]
            msg = f"有 {len(several.names)} 个姓名使用它，请指明姓名"
            raise Declined("shared", msg, names=names) from None
        await self.found(person)
        return person

    async def found(self, person: Person) -> None:
        """Note who was found, before anything of them is shown or done."""
        if person.resumes:
            await self.note(person.resumes)


class FindHandler(PersonHandler):
    """`POST /admin/api/person/find/`."""

    contract = Contract("Find a person", body=Reach, answer=PersonAnswer)

    async def handle(self) -> None:
        """The resumes that say the phone or the e-mail, over all sources, of one name or of all."""
        self.check_form()
        person = await self.people.find(self.form.reach, self.form.name)
        await self.found(person)
        resumes = await self.people.summaries(person)
        self.ok(
            resumes=[PersonResume(**one) for one in resumes],
            names=person.names,
            is_shared=len(person.names) > 1,
        )


class ExportHandler(PersonHandler):
    """`POST /admin/api/person/export/`."""

    contract = Contract(
        "Everything that is stored of a person",
        body=Reach,
        answer=NotExported,
        other_answer="application/octet-stream",
        may_be_missing=True,
    )
    # The originals are in it, of each resume up to 10 MiB.
    deadline_s = 60.0
    takes_turns = False

    async def handle(self) -> None:
        """A JSON file as an attachment: one entry a resume, with its original in Base64. 404 for nobody."""
        person = await self.somebody()
        exported = await self.people.export(person)
        body = await asyncio.to_thread(dump, exported)
        self.report("export", "ok", self.operator.id)
        self.attach("application/octet-stream", "person.json")
        self.finish(body)


class EraseHandler(PersonHandler):
    """`POST /admin/api/person/erase/`."""

    contract = Contract(
        "Erase a person over all sources", body=ConfirmedReach, answer=ErasedAnswer, may_be_missing=True
    )
    # An erasure is as many transactions as the person has notes, and one of all the rest.
    deadline_s = None
    takes_turns = False

    form: ConfirmedReach

    async def handle(self) -> None:
        """For good, and refused from then on. It takes seconds; what is interrupted is finished later."""
        person = await self.somebody(to_erase=True)
        done = await self.people.erase(person)
        self.report("erasure", "ok", self.operator.id)
        self.answer("ok", "已删除", **done.told())
