"""The limits of time of a server, lifted: what a test is not about waits for a busy machine.

In service it is refused in time, or goes on without Redis: then an attempt is counted by one process alone,
nobody is known to be there, nothing is queued, and hints come twice. And a password is hashed at once, which
in service takes 20 ms of a core, on purpose.

    python -m tests.patience --port 8000    # server.py without these limits
"""

import runpy
import sys
from typing import Any

from argon2 import PasswordHasher

from handlers.accounts import passwords
from handlers.api.base import ApiHandler
from handlers.operation import health
from process import life
from store import mongo, transactions
from store.redis import redis_client
from tests import rules
from wechat import http, tokens, wechat

EASED: dict[tuple[Any, str], Any] = {
    # What is inside ends first: the driver's waits, then the request.
    (redis_client, "QUICK_S"): 8.0,
    (redis_client, "TIMEOUT_S"): 10.0,
    (mongo, "TIMEOUT_S"): 20.0,
    (transactions, "_LONGEST_S"): 40.0,
    (ApiHandler, "deadline_s"): 40.0,
    (life, "_SAVE_S"): 40.0,
    (passwords, "MAX_WAIT_S"): 20.0,
    (passwords, "_HASHER"): PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    (wechat, "_LOGIN_S"): 30.0,
    (http, "CALL_S"): 20.0,
    (http, "MESSAGE_S"): 20.0,
    (http, "_TRY_S"): 20.0,
    (tokens, "_RENEW_S"): 25.0,
    (tokens, "_WAIT_S"): 30.0,
    # After these a process takes its stores for away, or does not know what they hold.
    (health, "_PING_S"): 20.0,
}
IN_SERVICE = {(place, name): getattr(place, name) for place, name in EASED}


def be_patient() -> None:
    """Lift the limits in a process of its own."""
    for (place, name), value in EASED.items():
        setattr(place, name, value)


if __name__ == "__main__":
    be_patient()
    rules.watch()
    sys.argv[0] = "server.py"
    runpy.run_path("server.py", run_name="__main__")
