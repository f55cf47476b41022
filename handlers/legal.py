"""The user terms and the privacy policy: the texts, and the addresses that others link to."""

from __future__ import annotations

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract


class Legal(msgspec.Struct, frozen=True):
    """Both texts as Markdown, and what names them together."""

    version: str
    terms: str
    privacy: str


class LegalAnswer(Answer):
    """What whoever registers agrees to.

    Attributes:
        version: Another one after a change of either text; `register` and `profile` take it.
        terms: The user terms as Markdown: headings, paragraphs and lists.
        privacy: The privacy policy, likewise.
    """

    version: str
    terms: str
    privacy: str


class LegalHandler(ApiHandler):
    """`GET /hr/legal/`."""

    contract = Contract("The user terms and the privacy policy", answer=LegalAnswer)
    needs_login = False
    needs_store = False

    legal: Legal

    async def handle(self) -> None:
        """For whoever registers, and to read again."""
        self.ok(version=self.legal.version, terms=self.legal.terms, privacy=self.legal.privacy)


class TermsHandler(ApiHandler):
    """`GET /terms/`."""

    contract = Contract("The user terms for browsers", redirect="To the page that shows them.")
    needs_login = False
    needs_store = False

    async def handle(self) -> None:
        """An address that can be given to others, such as WeChat's review."""
        self.redirect("/#/terms")


class PrivacyHandler(ApiHandler):
    """`GET /privacy/`."""

    contract = Contract("The privacy policy for browsers", redirect="To the page that shows it.")
    needs_login = False
    needs_store = False

    async def handle(self) -> None:
        """As `/terms/`."""
        self.redirect("/#/privacy")
