"""Names of files as people may be shown them."""

from __future__ import annotations

import re

from intake.files.letters import clean

_LONGEST = 200
"""Characters of a name. Of a longer one the beginning is shown."""


def file_name(name: str) -> str:
    """A name without a path and without control characters; `?` for one of which nothing is left."""
    return clean(re.split(r"[\\/]", name)[-1]).replace("\t", " ")[:_LONGEST] or "?"
