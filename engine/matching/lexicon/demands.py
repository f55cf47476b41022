"""Whether what a posting names is asked for, or only preferred, or not needed: the words around it say so."""

from __future__ import annotations

import re

SOFT_CHARS = 8
"""Characters behind a demand in which 优先 or the like makes it a preference; twice as many in English."""
REFUSED_CHARS = 8
"""Characters before a demand in which 无需 or the like takes it back."""

_SOFT = re.compile(
    r"[^,、。;\s]*?(?:优先|加分|更佳|尤佳|最佳)|[^,。;\n]*?(?:亦可|也可|均可|不限|preferred|plus)"
)
"""What makes a preference of a demand. 优先 is about its own item: `本科以上、硕士优先` asks for 本科."""
_REFUSED = re.compile(r"(?:无需|不需要?|不要求?|不必|不用)[^,、。;\s]{0,4}$")


def is_asked_for(text: str, begin: int, end: int) -> bool:
    """Whether a piece of a posting's normalised text is a demand; only its own clause is looked at."""
    more = 1 + text[begin:end].isascii()
    before = text[max(0, begin - REFUSED_CHARS) : begin]
    return not (_SOFT.match(text[end : end + more * SOFT_CHARS]) or _REFUSED.search(before))
