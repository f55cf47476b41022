"""How the release before says and hears hints: all of them on one channel. Goes with the next release.

Servers are restarted one after the other, so processes of both releases hear each other. What is said on the
one channel costs every process 20 us, so nobody says it there once no process of the release before listens.
"""

from __future__ import annotations

import msgspec

from store.redis import keys
from store.redis.redis_client import Redis

_WIRE_KINDS = {"unread": "count", "feedback": "lesson"}
"""What some kinds are called there."""
_KINDS = {wire: kind for kind, wire in _WIRE_KINDS.items()}


class OldHint(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hint as it is said there.

    Attributes:
        is_said_twice: It comes from a process of this release, which said it on the other channels too.
    """

    kind: str
    user: str = ""
    feed: str = ""
    token: str = ""
    origin: str = ""
    is_said_twice: bool = False

    @classmethod
    def of(cls, kind: str, user: str, feed: str, token: str, origin: str) -> OldHint:
        """A hint of this release, in the words of the release before."""
        return cls(_WIRE_KINDS.get(kind, kind), user, feed, token, origin, is_said_twice=True)

    @property
    def kind_now(self) -> str:
        """What its kind is called in this release."""
        return _KINDS.get(self.kind, self.kind)


encode = msgspec.json.encode
decode = msgspec.json.Decoder(OldHint).decode


async def are_heard(redis: Redis, prefix: str) -> bool:
    """Whether a process of the release before listens.

    Processes of this release listen there too, and to a channel of their own, from the same moment on.

    Raises:
        One of REDIS_FAILURES: Redis is away.
    """
    channels = (keys.old_hints(prefix), keys.all_hear(prefix))
    counted = await redis.quickly(lambda: redis.client.pubsub_numsub(*channels))
    every, of_this_release = (int(number) for _, number in counted)
    return every > of_this_release
