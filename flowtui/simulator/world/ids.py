"""Maps numbers to short ids that look random, and back. Two numbers never share an id.

The number is computed from the id, so that a world of a hundred thousand runs needs no index.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from hashlib import blake2b
from itertools import takewhile


def seeded_random(*parts: object) -> random.Random:
    """Return a random generator whose seed is `parts`: it yields the same numbers on each machine."""
    return random.Random(":".join(map(str, parts)))  # noqa: S311  (a simulated world, not a secret)


def bare(text: str) -> str:
    """Return an id without the text that a fault has added to it, from the first unprintable character on."""
    return "".join(takewhile(str.isprintable, text))


@dataclass(frozen=True, slots=True)
class Codec:
    """Maps numbers to ids: `prefix` and lower-case hex digits.

    `seed`: codecs with different seeds map a number to different ids.
    `widths`: the possible numbers of digits, ascending. An id has the first of them that its number fits into.
    """

    prefix: str
    seed: int
    widths: tuple[int, ...] = (6, 9)

    def encode(self, number: int, at: float = 0.0) -> str:
        """Return the id of `number`, 0 or more. `at` is ignored: only UUIDs have a clock, see `uuids.py`.

        Raises:
            OverflowError: the number does not fit into the largest width.
        """
        del at
        for width in self.widths:
            if number >> (4 * width) == 0:
                return f"{self.prefix}{self._mix(number, width):0{width}x}"
        raise OverflowError(f"no id of {self.widths[-1]} digits for {number}")

    def decode(self, text: str) -> int | None:
        """Return the number of an id; None if it is not an id that `encode` makes.

        The text that a fault has added to the id, from the first unprintable character on, is ignored.
        """
        text = bare(text)
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
        """Map numbers of `width` hex digits one-to-one: multiply by an odd factor, add, and XOR with the upper half."""
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
