"""Links by which the owner of an account sets its password: of an invitation, and of a reset.

No password is ever shown or taken here. The link goes by letter; without a mail server it is in the answer,
for the operator to hand over.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from handlers.accounts.accounts import company_name_errors, email_errors, phone_errors
from handlers.admin.accounts import Quota, ShortText
from handlers.admin.desk import AdminHandler
from handlers.api.contract import Answer, Contract, Truth
from handlers.api.errors import WrongForm
from mail.links import Links
from mail.outbox import Outbox
from runtime.decoding import Errors, Id
from store.accounts.accounts import Account, Accounts
from store.accounts.letters import Letters
from store.errors import EmailTaken


class Invitation(msgspec.Struct):
    """Whose account it is to be.

    Attributes:
        email: One account an address, whatever its case.
        phone: May be left out.
        quota: How many feeds it may have; left out, as many as any.
    """

    email: ShortText = ""
    company_name: ShortText = ""
    phone: ShortText = ""
    vip: Truth = False
    quota: Quota | None = None

    def errors(self) -> Errors:
        """What is wrong with the contents."""
        found = {
            "email": email_errors(self.email),
            "company_name": company_name_errors(self.company_name),
            "phone": phone_errors(self.phone) if self.phone.strip() else [],
        }
        return {name: wrong for name, wrong in found.items() if wrong}


class LinkAnswer(Answer):
    """Whether the link was sent.

    Attributes:
        account_id: Of the account.
        mailed: A letter with the link is on its way.
        link: The link, where there is no mail server to send it.
        errors: With `form_error`.
    """

    status: Literal["ok", "form_error"]
    account_id: Id | None = None
    mailed: bool = False
    link: str | None = None
    errors: dict[str, list[str]] = msgspec.field(default_factory=dict)


class LinkHandler(AdminHandler):
    """Base of what sends somebody a link that sets their password."""

    accounts: Accounts
    letters: Letters
    links: Links
    outbox: Outbox

    async def send_link(self, account: Account, kind: Literal["invitation", "reset"]) -> None:
        """Have a letter with the link sent, or answer with the link where none can be."""
        if self.outbox.has_smtp:
            await self.letters.ask(account.id, kind)
        self.tell(account, kind)

    def tell(self, account: Account, kind: Literal["invitation", "reset"]) -> None:
        """Answer that the letter with the link is on its way, or with the link where there is no letter."""
        if self.outbox.has_smtp:
            self.answer("ok", "邮件已发出", account_id=account.id, mailed=True)
            return
        make = self.links.make_invitation if kind == "invitation" else self.links.make_reset
        link = make(account.id, account.epoch)
        self.answer("ok", "没有邮件服务器，请把链接转交给本人", account_id=account.id, link=link)


class InviteHandler(LinkHandler):
    """`POST /admin/api/accounts/invite/`."""

    contract = Contract("Invite a recruiter", body=Invitation, answer=LinkAnswer)

    form: Invitation

    async def handle(self) -> None:
        """Makes the account; its owner sets the password by a link that is good for seven days, once."""
        form = self.form
        if wrong := form.errors():
            raise WrongForm(wrong)
        try:
            account = await self.accounts.create(
                email=form.email,
                password_hash=None,
                company_name=form.company_name.strip(),
                phone=form.phone.strip(),
                vip=bool(form.vip),
                quota=form.quota,
                invited=self.outbox.has_smtp,
            )
        except EmailTaken:
            raise WrongForm({"email": ["这个邮箱已有账号"]}) from None
        self.tell(account, "invitation")  # its letter was asked for with it


class InviteAgainHandler(LinkHandler):
    """`POST /admin/api/accounts/{account_id}/invite/`."""

    contract = Contract("Send an invitation again", answer=LinkAnswer)

    async def handle(self, account_id: str) -> None:
        """Only while the account has no password; after that its owner resets it."""
        account = await self.accounts.get(account_id)
        if account.password_hash is not None:
            raise WrongForm({"account": ["这个账号已设置密码，请用重置密码"]})
        await self.send_link(account, "invitation")


class ResetHandler(LinkHandler):
    """`POST /admin/api/accounts/{account_id}/reset/`."""

    contract = Contract("Let the owner set a new password", answer=LinkAnswer)

    async def handle(self, account_id: str) -> None:
        """The link is good for half an hour, once. The old password holds until then."""
        account = await self.accounts.get(account_id)
        if account.disabled:
            raise WrongForm({"account": ["这个账号已停用，请先启用"]})
        await self.send_link(account, "reset")
