"""Short ids that look random, never collide and can be turned back into the number they stand for.

A world of a hundred thousand runs needs no index from id to run: the id itself says which run it is. Knows
nothing of runs or threads, and is a one-to-one mapping: two numbers never share an id.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from hashlib import blake2b
from itertools import takewhile


def dice(*parts: object) -> random.Random:
    """Return a generator that throws the same numbers for the same parts, on every machine."""
    return random.Random(":".join(map(str, parts)))  # noqa: S311  (a simulated world, not a secret)


def _bare(text: str) -> str:
    return "".join(takewhile(str.isprintable, text))


@dataclass(frozen=True, slots=True)
class Codec:
    """Numbers <-> ids of `prefix` and lower-case hex digits; `seed` makes the ids of two worlds differ.

    `widths` are the lengths in digits, shortest first: a number takes the first width it fits into.
    """

    prefix: str
    seed: int
    widths: tuple[int, ...] = (6, 9)

    def encode(self, number: int) -> str:
        """Return the id of `number` (0 and up)."""
        for width in self.widths:
            if number >> (4 * width) == 0:
                return f"{self.prefix}{self._mix(number, width):0{width}x}"
        raise OverflowError(f"no id of {self.widths[-1]} digits for {number}")

    def decode(self, text: str) -> int | None:
        """Return the number behind an id, or None where the text is no id that `encode` would make.

        What a fault has put behind an id, from the first character that cannot be printed on, is passed over.
        """
        text = _bare(text)
        digits = text.removeprefix(self.prefix)
        if not text.startswith(self.prefix) or len(digits) not in self.widths:
            return None
        if not all(digit in "0123456789abcdef" for digit in digits):
            return None
        number = self._unmix(int(digits, 16), len(digits))
        return number if self.encode(number) == text else None

    def _constants(self, width: int) -> tuple[int, int]:
        salt = blake2b(f"{self.prefix}:{self.seed}:{width}".encode(), digest_size=32).digest()
        mask = (1 << 4 * width) - 1
        return (int.from_bytes(salt[:16]) & mask) | 1, int.from_bytes(salt[16:]) & mask

    def _mix(self, number: int, width: int) -> int:
        """An odd multiplication and a folded shift: each is a permutation of the numbers of this width."""
        mask = (1 << 4 * width) - 1
        factor, offset = self._constants(width)
        mixed = (number * factor + offset) & mask
        mixed ^= mixed >> 2 * width
        return (mixed * factor) & mask

    def _unmix(self, number: int, width: int) -> int:
        mask = (1 << 4 * width) - 1
        factor, offset = self._constants(width)
        inverse = pow(factor, -1, mask + 1)
        mixed = (number * inverse) & mask
        mixed ^= mixed >> 2 * width
        return ((mixed - offset) * inverse) & mask
