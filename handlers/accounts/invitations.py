"""The link of an invitation into a company, by which somebody registers or joins."""

from __future__ import annotations

from mail.links import Links
from store.accounts.invitations import Invitation, Invitations
from store.errors import InvitationOver

OVER = "邀请无效或已过期，请同事重新邀请"


async def read_invitation(links: Links, invitations: Invitations, token: str) -> Invitation:
    """The invitation of a link's token.

    Raises:
        InvitationOver: It is false, expired, used or taken back.
    """
    found = links.read_join(token)
    if found is None:
        raise InvitationOver
    return await invitations.read(*found)
