"""What says that two resumes may be one person's, where no phone or e-mail does. Pure.

    one, other = likeness_of(body, "林晚照"), likeness_of(other_body, "林**")
    is_alike(one, other)            # their texts are nearly the same, and nothing speaks against it

There are two grounds: the same full name with the same school and year of graduation, and texts that are
nearly the same. Texts are compared by MinHash (Broder 1997): the share of equal values in two signatures
estimates the share of five-character pieces that two texts have in common. By their `keys` those are found
that may be alike, which are then compared whole.

Nothing here joins anybody. People copy each other's texts, and namesakes sit in one class: the recruiter
decides.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
from rensa import RMinHash

from runtime.nfkc import nfkc
from store.persons.reach import folded_name, is_full_name

ALIKE, ALIKE_OF_ONE_NAME = 0.8, 0.5
"""The share of pieces from which on texts are nearly the same: where a name is not known or not in full, and
where both have the same full name. Among 2,500 made-up people who copy sentences from each other, two
pairs of one surname have more than 0.5 in common, the most 0.77, and no pair of one name has 0.3. A text that
a site has laid out anew keeps all, one of which each job lost a seventh 0.84, one with a job less or more
some 0.7."""

_PIECE = 5
"""Characters of a piece. Words of one or two characters are everywhere; five are a turn of phrase."""

_FEWEST = 100
"""Different pieces that a text needs. Two short ones agree by chance: a title and a sentence."""

_MOST_CHARS = 20_000
"""Characters that are looked at, so that one text never holds the loop up."""

_VALUES = 128
"""Values of a signature, of 16 bits each. The share they estimate is off by 0.04 (one standard deviation)."""

_BANDS, _ROWS = 3, 4
"""Keys of a text, and values of the signature in each: texts are found that agree in all values of one. Of
those with 0.9 in common 96 in a hundred are found, with 0.1 one in three thousand. Each key costs the store
an entry of its index, and a look-up."""

_SEED = 20
_MOST_SCHOOLS = 2
_MAX_SCHOOL_CHARS = 200
"""Characters of a school's name that are looked at. For each bracket the rest is searched for the other one,
so that 100,000 of them would hold the loop up for a minute."""

_OTHER = re.compile(r"[^a-z\u4e00-\u9fff]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_IN_BRACKETS = re.compile(r"[(\[（【〔][^)\]）】〕\n]{0,64}[)\]）】〕]")
_FACTORS = [np.uint64(pow(0x9E3779B97F4A7C15, power, 2**64)) for power in range(1, _PIECE + 1)]


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """What resumes are compared by.

    Attributes:
        keys: Numbers of 63 bits. Resumes that share none are not alike.
        signature: `_VALUES` numbers of two bytes; empty where there is too little text.
        name: As it was sent; it may be masked (`林**`, `林女士`) or empty.
        gender: One character, or "".
    """

    keys: tuple[int, ...]
    signature: bytes
    name: str
    gender: str


def likeness_of(body: Mapping[str, Any], name: str) -> Likeness:
    """What a resume is compared by.

    Args:
        body: Its record, masked or not: the same contact is masked alike everywhere.
        name: The person's name; "" where it is not known.
    """
    signature = _signature(body)
    name = folded_name(name)
    keys = {_key("name", name, *one) for one in _schools(body)} if is_full_name(name) else set()
    return Likeness(
        keys=tuple(sorted(keys | set(_bands(signature)))),
        signature=signature,
        name=name,
        gender=_gender(body.get("gender")),
    )


def is_alike(one: Likeness, other: Likeness) -> bool:
    """Whether two resumes may be one person's. It is the same either way round."""
    if one.gender and other.gender and one.gender != other.gender:
        return False
    if not names_agree(one.name, other.name):
        return False
    shared = set(one.keys).intersection(other.keys)
    if shared - {*_bands(one.signature)}:
        return True  # name, school and year
    least = ALIKE_OF_ONE_NAME if one.name == other.name and is_full_name(one.name) else ALIKE
    return bool(shared) and _share(one.signature, other.signature) >= least


def names_agree(one: str, other: str) -> bool:
    """Whether two names can be one person's: equal, or of one surname where a site hides the rest."""
    one, other = folded_name(one), folded_name(other)
    if not one or not other or one == other:
        return True
    return one[0] == other[0] and not (is_full_name(one) and is_full_name(other))


def _share(one: bytes, other: bytes) -> float:
    if not one or not other:
        return 0.0
    return float(np.mean(np.frombuffer(one, np.uint16) == np.frombuffer(other, np.uint16)))


def _signature(body: Mapping[str, Any]) -> bytes:
    pieces = _pieces(body)
    if len(pieces) < _FEWEST or len(np.unique(pieces)) < _FEWEST:
        return b""
    # As one array: of lists it makes a set on threads of its own, which takes thirty times as long.
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        pieces, [0, len(pieces)], num_perm=_VALUES, seed=_SEED
    )
    return np.array(matrix.to_rows()[0], np.uint32).astype(np.uint16).tobytes()


def _pieces(body: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """The hash of every piece of the texts. Digits, marks and blanks are left out: sites set them anew."""
    text = "\n".join(_texts(body))[:_MOST_CHARS]
    text = _OTHER.sub("", nfkc(text).casefold())
    letters = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
    count = max(len(letters) - _PIECE + 1, 0)
    hashes = np.zeros(count, np.uint64)
    for at, factor in enumerate(_FACTORS):
        hashes += letters[at : at + count] * factor
    hashes ^= hashes >> np.uint64(31)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(29)
    return hashes


def _texts(body: Mapping[str, Any]) -> Iterator[str]:
    yield str(body.get("self_evaluation") or "")
    for work in body.get("works") or ():
        yield str(work.get("job_desc") or "")


def _schools(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """School and year of graduation, of the latest schools that say both."""
    found = set()
    for school in body.get("education") or ():
        name = folded_name(_IN_BRACKETS.sub("", str(school.get("school") or "")[:_MAX_SCHOOL_CHARS]))
        years = _YEAR.findall(str(school.get("end_time") or ""))
        if len(name) > 1 and years:
            found.add((name, years[0]))
    return sorted(found, key=lambda one: (one[1], one[0]), reverse=True)[:_MOST_SCHOOLS]


def _bands(signature: bytes) -> Iterator[int]:
    size = 2 * _ROWS
    for band in range(_BANDS if signature else 0):
        yield _key(f"text{band}", signature[band * size : (band + 1) * size].hex())


def _key(*parts: str) -> int:
    digest = hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1  # MongoDB's integers have a sign


def _gender(value: object) -> str:
    text = folded_name(str(value or ""))
    return {"男": "男", "女": "女", "m": "男", "f": "女"}.get(text[:1], "")
