"""Inviting colleagues, joining them, their roles, and taking them out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec

from handlers.accounts.accounts import email_errors
from handlers.accounts.guesses import account_key
from handlers.accounts.invitations import OVER, read_invitation
from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract, Shape
from handlers.api.errors import BadRequest, TooMany
from handlers.company.company import require_owner
from handlers.views.member_names import Names
from mail.links import Links
from mail.outbox import Outbox
from runtime.decoding import OptionalId
from store.accounts.accounts import fold_email
from store.accounts.companies import OWNER, Companies, CompanyRole
from store.accounts.invitations import MOST_MEMBERS, Invitation, Invitations
from store.accounts.members import Members
from store.accounts.revocations import Revocations
from store.audit.audit import Audit, CompanyAct
from store.errors import CompanyFull, EmailTaken, HasFeeds, InvitationOver, LastOwner
from store.notes.notices import Notices
from store.redis.throttle import Throttle

INVITED_PER_HOUR, OF_ADDRESS_PER_HOUR = 60, 10
"""Letters of invitation that a company can have sent in an hour, and to one address."""


class NewInvitation(msgspec.Struct, kw_only=True):
    """Who is invited.

    Attributes:
        email: The address that the letter goes to.
        role: As what.
    """

    email: str
    role: CompanyRole


class InviteAnswer(Answer):
    """What became of it; `taken` for the address of a member.

    Attributes:
        errors: What is wrong with the address, with `form_error`.
    """

    status: Literal["ok", "taken", "form_error"]
    errors: dict[str, list[str]]


class InviteHandler(ApiHandler):
    """`POST /company/invite/`."""

    contract = Contract(
        "Invite a colleague by a letter", body=NewInvitation, answer=InviteAnswer, throttled=True
    )
    methods = ("POST",)

    form: NewInvitation
    invitations: Invitations
    outbox: Outbox
    throttle: Throttle
    audit: Audit

    async def handle(self) -> None:
        """For owners. The link in the letter is good for seven days, once.

        Inviting again sends a letter again, and ends the older link.
        """
        require_owner(self)
        if wrong := email_errors(self.form.email):
            self.answer("form_error", "表单有误", errors={"email": wrong})
            return
        email = fold_email(self.form.email)
        of_address = f"{self.company_id}:{account_key(email)}"
        for kind, key, most in (
            ("invite", self.company_id, INVITED_PER_HOUR),
            ("invite_address", of_address, OF_ADDRESS_PER_HOUR),
        ):
            if await self.throttle.count(kind, key, 3600) > most:
                self.report("company", "throttled", self.user_id)
                raise TooMany(await self.throttle.wait_s(kind, key, most), "邀请次数过多")
        try:
            await self.invitations.invite(self.member, email, self.form.role)
        except EmailTaken:
            self.answer("taken", "这个邮箱已是公司成员", errors={})
            return
        except CompanyFull:
            self.answer("form_error", "表单有误", errors={"email": [f"公司最多 {MOST_MEMBERS} 名成员"]})
            return
        await self.audit.changed(self.member, "invite", self.request_id)
        sent = "邀请邮件很快会到" if self.outbox.has_smtp else "没有设置发信服务，链接在服务器日志里"
        self.answer("ok", sent, errors={})


class InvitationView(Shape):
    """Into which company somebody is invited.

    Attributes:
        inviter: What colleagues call whoever invites.
        email: The address that was invited.
    """

    company: str
    inviter: str
    role: CompanyRole
    email: str


class InvitationAnswer(Answer):
    """The invitation; `token_error` for one that is false, expired, used or taken back."""

    status: Literal["ok", "token_error"]
    data: InvitationView | None = None


class InvitationReader(ApiHandler):
    """Base of what reads a link."""

    links: Links
    invitations: Invitations
    companies: Companies
    names: Names

    async def find(self, token: str) -> Invitation:
        """The invitation of a token.

        Raises:
            InvitationOver: It is not good.
        """
        return await read_invitation(self.links, self.invitations, token)

    async def view(self, invitation: Invitation) -> InvitationView:
        """What whoever is invited is told."""
        names = await self.names.of([invitation.by])
        return InvitationView(
            company=await self.companies.name_of(invitation.company),
            inviter=names[invitation.by].name,
            role=invitation.role,
            email=invitation.email,
        )


class InvitationHandler(InvitationReader):
    """`GET /company/invite/<token>/`."""

    contract = Contract("What an invitation says", answer=InvitationAnswer)
    needs_login = False

    async def handle(self, token: str) -> None:
        """It uses nothing up."""
        try:
            data = await self.view(await self.find(token))
        except InvitationOver:
            self.answer("token_error", OVER, data=None)
            return
        self.ok(data=data)


class Acceptance(msgspec.Struct):
    """The invitation.

    Attributes:
        invite: The token of the link.
    """

    invite: str


class JoinAnswer(Answer):
    """The company that the account is in; `has_feeds` where it has feeds of its own, or colleagues."""

    status: Literal["ok", "token_error", "has_feeds"]
    data: InvitationView | None = None


class JoinHandler(InvitationReader):
    """`POST /company/join/`."""

    contract = Contract("Join the company that an invitation is of", body=Acceptance, answer=JoinAnswer)
    methods = ("POST",)

    form: Acceptance
    members: Members
    revocations: Revocations
    audit: Audit

    async def handle(self) -> None:
        """The account leaves the company in which it was alone, of which nothing stays."""
        try:
            invitation = await self.find(self.form.invite)
            data = await self.view(invitation)
            async with self.revocations.of(self.user_id):
                invitation = await self.members.enter(self.user_id, invitation.id, invitation.serial)
        except InvitationOver:
            self.answer("token_error", OVER, data=None)
            return
        except HasFeeds:
            self.answer("has_feeds", "你的公司里还有职位或同事，请先删除职位、移出同事，再加入", data=None)
            return
        member = self.account.member
        joined = msgspec.structs.replace(member, company=invitation.company)
        await self.audit.changed(joined, "join", self.request_id)
        self.ok(data=data)


class NewRole(msgspec.Struct):
    """What a member is from now on."""

    role: CompanyRole


class OwnerAnswer(Answer):
    """What became of it; `last_owner` where the company would have none left."""

    status: Literal["ok", "last_owner"]


class MemberChanger(ApiHandler):
    """Base of what changes a member's place in the company."""

    members: Members
    revocations: Revocations
    audit: Audit

    async def change(
        self,
        member_id: str,
        act: CompanyAct,
        change: Callable[[], Awaitable[None]],
        *,
        stays_owner: bool = False,
    ) -> bool:
        """Make a change that holds within two seconds, wherever the member is logged in.

        Returns:
            Whether it is made; else it was answered why not.
        """
        try:
            await self.members.require(self.company_id, member_id, stays_owner=stays_owner)
            # Before: who is removed is no member at a second try, which could note nothing.
            await self.audit.changed(self.member, act, self.request_id, about=member_id)
            async with self.revocations.of(member_id):
                await change()
        except LastOwner:
            self.answer("last_owner", "公司至少要有一位所有者")
            return False
        return True


class MemberHandler(MemberChanger):
    """`POST /company/members/<member_id>/`."""

    contract = Contract("Change what a member is", body=NewRole, answer=OwnerAnswer)
    methods = ("POST",)

    form: NewRole

    async def handle(self, member_id: str) -> None:
        """For owners. It holds within two seconds, wherever the member is logged in."""
        require_owner(self)
        company, role = self.company_id, self.form.role

        async def change() -> None:
            await self.members.set_role(company, member_id, role)

        if await self.change(member_id, "role", change, stays_owner=role == OWNER):
            self.ok()


class Removal(msgspec.Struct):
    """Who gets what the member leaves.

    Attributes:
        to: A colleague; may be left out for who is only invited.
    """

    to: OptionalId = ""


class RemoveHandler(MemberChanger):
    """`POST /company/members/<member_id>/remove/`."""

    contract = Contract("Take a member out of the company", body=Removal, answer=OwnerAnswer)
    methods = ("POST",)

    form: Removal
    invitations: Invitations
    notices: Notices

    async def handle(self, member_id: str) -> None:
        """For owners. The member's sessions end within two seconds, and their feeds are `to`'s.

        Lists, states and counts stay as they are. Of who is invited the invitation is taken back.
        """
        require_owner(self)
        company = self.company_id
        if await self.invitations.withdraw(company, member_id):
            await self.audit.changed(self.member, "withdraw", self.request_id)
            self.ok()
            return
        to = self.form.to.lower()
        if not to:
            raise BadRequest({"to": ["必填：由谁接手"]})
        if to == member_id.lower():
            raise BadRequest({"to": ["应为另一位成员"]})
        await self.members.require(company, to)
        if await self.change(member_id, "remove", lambda: self.members.remove(company, member_id, to)):
            await self.notices.look_again(to)
            self.ok()
