"""The profile: what a recruiter says of the company and themselves. Login and `edit_feed` show parts."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from handlers.accounts.accounts import company_name_errors, phone_errors
from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Answer, Contract, Shape
from handlers.feeds.feed_form import Chosen, FormCheck
from handlers.feeds.options import Category, OptionLists, company_fields
from handlers.views.member_names import Names
from runtime.decoding import Errors
from store.accounts.accounts import Account, Accounts
from store.accounts.companies import OWNER
from store.audit.audit import Audit

Unset = msgspec.UnsetType
_ADDRESS = re.compile(r"(https?://)?[^\s/:?#<>\"'\\]+(:[0-9]{1,5})?([/?#][^\s<>\"'\\]*)?", re.IGNORECASE)
"""An address on the web, with or without its scheme. No other scheme: clients make links of it."""
_LENGTHS = {"company_stage": 50, "key_points": 2_000, "desc": 5_000}
"""Characters that a text of the company may have. The page shows all of it beside a form."""

_NAMES = {
    "url": "公司网址",
    "product_url": "产品地址",
    "company_stage": "发展阶段",
    "key_points": "公司亮点",
    "desc": "公司描述",
    "categroys": "公司领域",
}


class CompanyProfile(Shape):
    """The company; empty texts where nothing is known."""

    url: str
    product_url: str
    company_stage: str
    key_points: str
    desc: str
    categroys: list[Category]


class Profile(Shape):
    """What the account says of itself.

    Attributes:
        username: The e-mail address.
        name: What colleagues call the account; empty where it did not say, then it is the address.
        user_industry: Empty where it is not known.
    """

    username: str
    name: str
    company_name: str
    phone: str
    user_industry: str
    company: CompanyProfile


class CompanyForm(msgspec.Struct):
    """The company; what is left out stays.

    Attributes:
        url: At most 500 characters.
        product_url: At most 500 characters.
        company_stage: At most 50 characters.
        key_points: At most 2,000 characters.
        desc: At most 5,000 characters.
        categroys: Ids of `job_domain`, or its options, at most 20.
    """

    url: str | Unset = msgspec.UNSET
    product_url: str | Unset = msgspec.UNSET
    company_stage: str | Unset = msgspec.UNSET
    key_points: str | Unset = msgspec.UNSET
    desc: str | Unset = msgspec.UNSET
    categroys: Chosen | Unset = msgspec.UNSET


class ProfileForm(msgspec.Struct):
    """A profile; what is left out stays. In a form `company` is JSON.

    Attributes:
        name: At most 40 characters.
        company_name: 1 to 100 characters; of an owner the company is called so.
        phone: 5 to 15 digits, with blanks, brackets or hyphens between them.
        user_industry: At most 100 characters.
    """

    name: str | Unset = msgspec.UNSET
    company_name: str | Unset = msgspec.UNSET
    phone: str | Unset = msgspec.UNSET
    user_industry: str | Unset = msgspec.UNSET
    company: CompanyForm | Unset = msgspec.UNSET


class ProfileAnswer(Answer):
    """The profile as it is kept.

    Attributes:
        errors: What is wrong with each field, with `form_error`; then nothing was changed.
    """

    status: Literal["ok", "form_error"]
    errors: dict[str, list[str]]
    data: Profile


class ProfileHandler(ApiHandler):
    """`/hr/profile/`."""

    contract = Contract(
        "The account's profile: read it, change it",
        body=ProfileForm,
        body_kinds=(FORM, JSON),
        answer=ProfileAnswer,
    )
    methods = ("GET", "POST")

    form: ProfileForm
    accounts: Accounts
    audit: Audit
    names: Names
    option_lists: OptionLists

    async def handle(self) -> None:
        """POST changes what it names, and both give the profile. The e-mail address cannot be changed."""
        errors: Errors = {}
        if self.request.method == "POST":
            own, errors = _checked(self.form)
            company, more = _checked_company(self.form.company, self.option_lists)
            errors = {**errors, **more}
            if not errors:
                await self._note_renaming(own.get("company_name"))
                await self.accounts.set_profile(self.user_id, **own, company=company)
        account = await self.accounts.get(self.user_id)
        self.names.keep(account)
        self.answer_form(errors, data=_profile(account))

    async def _note_renaming(self, name: str | None) -> None:
        """Note in the audit, before it is done, that an owner gives the company another name."""
        if self.member.role != OWNER or name is None:
            return
        if name != (await self.accounts.get(self.user_id)).company_name:
            await self.audit.changed(self.member, "rename", self.request_id)


def _checked(form: ProfileForm) -> tuple[dict[str, str], Errors]:
    """The account's own fields that are given, and what is wrong with them."""
    given = {
        name: value.strip()
        for name in ("name", "company_name", "phone", "user_industry")
        if not isinstance(value := getattr(form, name), Unset)
    }
    errors: dict[str, list[str]] = {}
    if "name" in given and not (len(given["name"]) <= 40 and (given["name"] or "x").isprintable()):
        errors["name"] = ["请填写姓名，不超过 40 个字符"]
    if "company_name" in given and (wrong := company_name_errors(given["company_name"])):
        errors["company_name"] = wrong
    if "phone" in given and (wrong := phone_errors(given["phone"])):
        errors["phone"] = wrong
    if "user_industry" in given:
        given["industry"] = given.pop("user_industry")
        if not (len(given["industry"]) <= 100 and (given["industry"] or "x").isprintable()):
            errors["user_industry"] = ["请填写所属行业，不超过 100 个字符"]
    return given, errors


def _checked_company(form: CompanyForm | Unset, options: OptionLists) -> tuple[dict[str, Any], Errors]:
    """The fields of the company that are given, and what is wrong with them, all under `company`."""
    if isinstance(form, Unset):
        return {}, {}
    check = FormCheck()
    fields: dict[str, Any] = {}
    for name in ("url", "product_url"):
        if not isinstance(value := getattr(form, name), Unset):
            fields[name] = value.strip()
            if value.strip() and not (len(value) <= 500 and _ADDRESS.fullmatch(value.strip())):
                check.errors[name] = ["请填写有效的网址，不超过 500 个字符"]
    for name, longest in _LENGTHS.items():
        if not isinstance(value := getattr(form, name), Unset):
            fields[name] = check.text(name, value, longest)
    if not isinstance(form.categroys, Unset):
        fields["categroys"] = check.chosen("categroys", form.categroys, options.job_domain)
    wrong = [f"{_NAMES[name]}：{text}" for name, texts in check.errors.items() for text in texts]
    return fields, {"company": wrong} if wrong else {}


def _profile(account: Account) -> Profile:
    return Profile(
        username=account.email,
        name=account.name,
        company_name=account.company_name,
        phone=account.phone,
        user_industry=account.industry,
        company=CompanyProfile(**company_fields(account.company)),
    )
