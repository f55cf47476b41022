"""Why the server closes a WebSocket: the codes that a client can tell apart."""

from __future__ import annotations

RESTARTING = 1012
"""The server stops: connect again after a random delay."""
TRY_AGAIN = 1013
"""MongoDB is away: connect again, more slowly than after 1012."""
NOT_AUTHENTICATED = 4401
"""No credentials within five seconds, wrong ones, or revoked ones. Connecting again with them is no use."""
TOO_SLOW = 4408
"""The client did not take a frame for ten seconds."""
REPLACED = 4409
"""The account opened a sixth socket, and this was its oldest. Connecting again would close another one."""
