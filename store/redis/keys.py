"""Every key and channel in Redis, in one place. `prefix` is the name of the MongoDB database.

| name | type | holds |
|---|---|---|
| `<prefix>:hints:<company>` | channel | hints about the company: JSON, see `store.redis.events` |
| `<prefix>:hints:<kind>` | channel | hints of a kind that other processes act on, whose ever it is |
| `<prefix>:work` | stream, group `scorers` | ids of resumes to score |
| `<prefix>:running:<role>` | sorted set | the processes that have a role, by when they last said so |
| `<prefix>:rules` | sorted set | who goes by which matching rules, as `<version>@<process>`, likewise |
| `<prefix>:fail:<what>:<who>` | counter with expiry | logins, registrations, letters, previews, unlocks |
| `<prefix>:budget:<account>` | text with expiry | what the account has spent, in units, and when that was |
| `<prefix>:present:<process>` | set with expiry | accounts whose sockets a process has |
| `<prefix>:processes` | sorted set | processes that have sockets, by when they last said so |

Nothing here is the only copy of anything: Redis may be wiped at any moment.
"""

from __future__ import annotations

GROUP = "scorers"


def hints(prefix: str, of: str) -> str:
    """The channel of hints about a company, or of a kind."""
    return f"{prefix}:hints:{of}"


def work(prefix: str) -> str:
    """The stream of resumes that are to be scored."""
    return f"{prefix}:work"


def running(prefix: str, role: str) -> str:
    """The processes that have a role."""
    return f"{prefix}:running:{role}"


def rules(prefix: str) -> str:
    """The processes that score, and by which rules."""
    return f"{prefix}:rules"


def attempts(prefix: str, what: str, who: str) -> str:
    """The counter of attempts at `what` by `who`."""
    return f"{prefix}:fail:{what}:{who}"


def budget(prefix: str, user: str) -> str:
    """The level of an account's budget."""
    return f"{prefix}:budget:{user}"


def present(prefix: str, process: str) -> str:
    """The accounts whose sockets a process has."""
    return f"{prefix}:present:{process}"


def processes(prefix: str) -> str:
    """The processes that have sockets."""
    return f"{prefix}:processes"
