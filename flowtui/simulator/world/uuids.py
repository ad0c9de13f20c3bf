"""Maps numbers to UUIDs and back, as `ids.py` maps them to short ids.

A version 7 begins with a clock (milliseconds of UTC), so the ids of one minute look alike; only their ends differ. A
version 4 is random from its first digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID
from zlib import crc32

from flowtui.simulator.world.ids import Codec, bare

_DIGITS = 15  # hex digits that hold the number, at the end
_NUMBER = (1 << 4 * _DIGITS) - 1
_CLOCK = ((1 << 48) - 1) << 80
_VARIANT = 0b10 << 62


@dataclass(frozen=True, slots=True)
class UuidCodec:
    """Maps numbers to UUIDs of `version` 4 or 7.

    `kind`, `seed`: codecs that differ in one of them map a number to different UUIDs.
    """

    kind: str
    seed: int
    version: int = 7

    def encode(self, number: int, at: float = 0.0) -> str:
        """Return the UUID of `number`, 0 or more, with 36 characters. `at`: its clock, UTC epoch seconds, in a version 7.

        Raises:
            OverflowError: the number has more than 60 bits.
        """
        value = self._without_clock(number)
        if self.version == 7:
            value = value & ~_CLOCK | max(0, int(at * 1000)) << 80 & _CLOCK
        return str(UUID(int=value))

    def decode(self, text: str) -> int | None:
        """Return the number of a UUID; None if `encode` makes no such UUID. The clock of a version 7 is not checked.

        The text that a fault has added to the id, from the first unprintable character on, is ignored.
        """
        text = bare(text)
        try:
            value = UUID(text).int
        except ValueError:
            return None
        number = self._codec.decode(f"{value & _NUMBER:0{_DIGITS}x}")
        if number is None or str(UUID(int=value)) != text:
            return None
        checked = ~_CLOCK if self.version == 7 else ~0
        return number if (value ^ self._without_clock(number)) & checked == 0 else None

    @property
    def _codec(self) -> Codec:
        return Codec("", crc32(f"{self.kind}:{self.seed}".encode()), (_DIGITS,))

    def _without_clock(self, number: int) -> int:
        filler = blake2b(f"{self.kind}:{self.seed}:{number}".encode(), digest_size=16).digest()
        value = int.from_bytes(filler) & ~(0b11 << 62) & ~(0xF << 76) & ~_NUMBER
        return value | self.version << 76 | _VARIANT | int(self._codec.encode(number), 16)
