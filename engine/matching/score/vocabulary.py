"""Names and their numbers: every word of an index is kept once, and compared as a number."""

from __future__ import annotations

from collections.abc import Iterable


class Vocabulary:
    """Names and their numbers, 0 and up. Numbers of names that nobody uses any more are given to others.

    A search holds the numbers that a resume's words had when it began. Whatever gets such a number later is
    a word of feeds that came later, which the search leaves out.

    Attributes:
        names: By number; "" for a number that is free.
    """

    def __init__(self, names: Iterable[str] = (), uses: Iterable[int] = ()) -> None:
        """Begin with some names, each once, and how often each is used."""
        self.names = list(names)
        self._uses = list(uses)
        self._numbers = {name: number for number, name in enumerate(self.names)}
        self._free: list[int] = []
        self.find = self._numbers.get

    def __len__(self) -> int:
        """How many names are in use."""
        return len(self._numbers)

    def acquire(self, name: str) -> int:
        """The name's number, for one more use."""
        number = self._numbers.get(name)
        if number is None:
            if self._free:
                number = self._free.pop()
                self.names[number] = name
            else:
                number = len(self.names)
                self.names.append(name)
                self._uses.append(0)
            self._numbers[name] = number
        self._uses[number] += 1
        return number

    def release(self, name: str) -> None:
        """End one use of a name that was acquired."""
        number = self._numbers[name]
        self._uses[number] -= 1
        if not self._uses[number]:
            del self._numbers[name]
            self.names[number] = ""
            self._free.append(number)
