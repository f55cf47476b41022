"""The user terms and the privacy policy: the texts, what an account agreed to, and addresses to link to."""

from __future__ import annotations

from typing import Literal

import msgspec

from handlers.api.base import ApiHandler, PublicHandler
from handlers.api.contract import FORM, JSON, Answer, Contract, OptionalMoment
from runtime.clock import clock_text
from runtime.decoding import Errors
from store.accounts.accounts import Accounts


class Legal(msgspec.Struct, frozen=True):
    """Both texts as Markdown, and what names them together."""

    version: str
    terms: str
    privacy: str

    def errors_of(self, version: str) -> list[str]:
        """What is wrong with the version that somebody agrees to."""
        return [] if version == self.version else ["用户协议或隐私政策已更新，请重新阅读"]


class LegalAnswer(Answer):
    """What whoever registers agrees to.

    Attributes:
        version: Another one after a change of either text; `register` and the consent take it.
        terms: The user terms as Markdown: headings, paragraphs and lists.
        privacy: The privacy policy, likewise.
    """

    version: str
    terms: str
    privacy: str


class LegalHandler(PublicHandler):
    """`GET /hr/legal/`."""

    contract = Contract("The user terms and the privacy policy", answer=LegalAnswer)

    legal: Legal

    async def handle(self) -> None:
        """For whoever registers, and to read again."""
        self.ok(version=self.legal.version, terms=self.legal.terms, privacy=self.legal.privacy)


class LegalConsent(msgspec.Struct):
    """What the recruiter agrees to.

    Attributes:
        version: The present one of `/hr/legal/`.
    """

    version: str = ""


class LegalConsentAnswer(Answer):
    """What the account agreed to last.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
        version: A version of `/hr/legal/`; empty for none.
        agreed: When; empty for never.
        is_current: Whether that is the present version.
    """

    status: Literal["ok", "form_error"]
    errors: dict[str, list[str]]
    version: str
    agreed: OptionalMoment
    is_current: bool


class LegalConsentHandler(ApiHandler):
    """`/hr/legal/consent/`."""

    contract = Contract(
        "What the account agreed to: read it, agree",
        body=LegalConsent,
        body_kinds=(FORM, JSON),
        answer=LegalConsentAnswer,
    )
    methods = ("GET", "POST")

    form: LegalConsent
    accounts: Accounts
    legal: Legal

    async def handle(self) -> None:
        """POST agrees to the present version, and both say what holds. Agreeing again changes nothing."""
        errors: Errors = {}
        if self.request.method == "POST":
            if wrong := self.legal.errors_of(self.form.version):
                errors = {"version": wrong}
            else:
                await self.accounts.agree(self.user_id, self.form.version)
        agreed = (await self.accounts.get(self.user_id)).agreed
        self.answer_form(
            errors,
            version=agreed.version if agreed else "",
            agreed=clock_text(agreed.at) if agreed else "",
            is_current=agreed is not None and agreed.version == self.legal.version,
        )


class TermsHandler(PublicHandler):
    """`GET /terms/`."""

    contract = Contract("The user terms for browsers", redirect="To the page that shows them.")

    async def handle(self) -> None:
        """An address that can be given to others, such as WeChat's review."""
        self.redirect("/#/terms")


class PrivacyHandler(PublicHandler):
    """`GET /privacy/`."""

    contract = Contract("The privacy policy for browsers", redirect="To the page that shows it.")

    async def handle(self) -> None:
        """As `/terms/`."""
        self.redirect("/#/privacy")
