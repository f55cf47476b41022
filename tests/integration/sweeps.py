"""What is left of accounts that were deleted some minutes ago is swept, when a test says so."""

import time
from datetime import UTC, datetime

from store.jobs.jobs import Job


async def swept(stores, id_, minutes=0):
    """Sweep what is left of an account that ended so long ago; gives when that is done again."""
    now = datetime.now(UTC)
    key = f"{id_}:{int(time.time()) - 60 * minutes}"
    return await stores.deletions.finish(Job("deletion", key, now, now, "a test", 1))
