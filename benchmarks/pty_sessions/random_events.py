"""Seeded random input for the dashboard: keys, mouse, pastes, broken bytes, sizes and server faults, whatever the screen shows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flowtui.simulator.faults import FAULTS

_LETTERS = "jkgGhlasS!0pFftTCBmMdvVnNyYwWEoPLrRzZ.123456789/:?$[]<>+-= \t\r"
_CONTROLS = b"\x01\x02\x04\x05\x06\x08\x0b\x0e\x0f\x10\x10\x10\x10\x13\x15\x17\x19\x7f\x1f"
_KEYS = (
    *(b"\x1b[%s" % code for code in (b"A", b"B", b"C", b"D", b"H", b"F", b"Z", b"5~", b"6~", b"2~", b"3~")),
    *(b"\x1b[1;%d%c" % (shift, code) for shift in (2, 3, 5, 6) for code in b"ABCDHF"),
    *(b"\x1bO%c" % code for code in b"PQRSABCD"),
    *(b"\x1b[%d~" % code for code in (15, 17, 18, 19, 20, 21, 23, 24)),
    b"\x1b[97;5u",
    b"\x1b[112;5u",
    b"\x1b[57399u",
    b"\x1b",
    b"\x1b",
    b"\x1bf",
    b"\x1b\x7f",
    b"\x1b[I",
    b"\x1b[O",
)
_LEAVING = (b"q", b"q", b"\x03", b"\x11", b"\x1a")
_WORDS = (
    b"/status:failed\r",
    b"/age<5m and (\r",
    b":sort tokens\r",
    b":theme day\r",
    b":quit",
    b":export csv\r",
    b"\x10theme\r",
    b"\x10\x1b[5~",
    b"\x10\x1b[6~\r",
    b"F1",
    b"/\x1b[A\x1b[B\t\r",
    b"C \x1b[B \r",
)
_HALVES = (
    b"\x1b[",
    b"\x1b[<0;",
    b"\x1b]52;c;",
    b"\x1b[200~half",
    b"\xe2\x96",
    b"\x1bP+q",
    b"\x1b[48;5",
    b"\xc0\xff\xfe",
)
_TEXTS = (
    "failed",
    "status:failed or tokens>100",
    "多言語 👩‍👩‍👧 e\u0301\u0301\u0301",
    "\x1b[2J\x1b]0;pwn\x07",
    "[red]x[/red][@click=app.quit]y[/]",
    "((((((((((",
    "/a(b|c)*(d+)+$/",
    "\u202e\u2067\ufeff\u200b",
    "a\nb\r\nc\td\0e",
)
_SIZES = (
    (1, 1),
    (1, 1),
    (2, 1),
    (1, 40),
    (200, 1),
    (3, 3),
    (8, 5),
    (20, 6),
    (40, 12),
    (60, 15),
    (80, 24),
    (120, 36),
    (158, 38),
)


class Event(NamedTuple):
    """One event, `after` seconds after the previous one.

    `send`: bytes in one packet. `size`: a new size of the terminal. `fault`: a fault of the simulator from now on (""
    removes all faults, `gone` stops the server). `rest`: no key is pressed, and the dashboard must still react.
    """

    after: float
    send: bytes = b""
    size: tuple[int, int] | None = None
    fault: str | None = None
    rest: bool = False


def random_events(seed: int) -> Iterator[Event]:
    """Yield events without end; the same seed yields the same events."""
    chance = random.Random(seed)
    kinds: tuple[tuple[Callable[[random.Random], Event], int], ...] = (
        (_keys, 40),
        (_burst, 20),
        (_words, 8),
        (_mouse, 12),
        (_paste, 5),
        (_bytes, 4),
        (_resize, 8),
        (_fault, 3),
        (_rest, 2),
        (_leave, 1),
    )
    makers, weights = zip(*kinds, strict=True)
    while True:
        yield chance.choices(makers, weights)[0](chance)


def _pause(chance: random.Random) -> float:
    return chance.choice((0.0, 0.0, 0.01, 0.03, 0.1, 0.3))


def _key(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(_LETTERS).encode()
    if kind < 0.75:
        return bytes([chance.choice(_CONTROLS)])
    return chance.choice(_KEYS)


def _keys(chance: random.Random) -> Event:
    return Event(_pause(chance), _key(chance))


def _burst(chance: random.Random) -> Event:
    return Event(_pause(chance), b"".join(_key(chance) for _ in range(chance.choice((2, 2, 3, 5, 40)))))


def _words(chance: random.Random) -> Event:
    return Event(_pause(chance), chance.choice(_WORDS))


def _mouse(chance: random.Random) -> Event:
    """Return a click, a drag or a turn of the wheel, some outside the terminal; one in ten is in the X10 encoding."""
    column, line = (
        chance.choice((1, chance.randint(1, 160), 9999)),
        chance.choice((1, chance.randint(1, 50), 9999)),
    )
    if chance.random() < 0.1:
        return Event(_pause(chance), b"\x1b[M" + bytes(chance.randint(32, 126) for _ in range(3)))
    button = chance.choice((0, 0, 0, 1, 2, 32, 35, 64, 65, 66, 67, 4, 16))
    pressed = b"\x1b[<%d;%d;%dM" % (button, column, line)
    if chance.random() < 0.3:  # a drag
        pressed += b"\x1b[<32;%d;%dM" % (chance.randint(1, 160), chance.randint(1, 50))
    return Event(_pause(chance), pressed + (b"\x1b[<0;%d;%dm" % (column, line) if button == 0 else b""))


def _paste(chance: random.Random) -> Event:
    text = chance.choice(_TEXTS) * chance.choice((1, 1, 3, 2000))
    opened = chance.choice((b"", b"/", b":", b"\x10"))
    return Event(_pause(chance), opened + b"\x1b[200~" + text.encode()[:60_000] + b"\x1b[201~")


def _bytes(chance: random.Random) -> Event:
    if chance.random() < 0.5:
        return Event(_pause(chance), chance.choice(_HALVES))
    noise = bytes(chance.randrange(256) for _ in range(chance.randint(1, 40)))
    return Event(_pause(chance), noise.translate(None, b"\x03\x11\x1aq"))


def _resize(chance: random.Random) -> Event:
    size = chance.choice((*_SIZES, (chance.randint(1, 250), chance.randint(1, 80))))
    return Event(_pause(chance), size=size)


def _fault(chance: random.Random) -> Event:
    return Event(
        _pause(chance), fault=chance.choice(("", "gone", *(f"{name}{_scope(chance)}" for name in FAULTS)))
    )


def _scope(chance: random.Random) -> str:
    return chance.choice(("", "@all", "@runs", "@messages", "@threads"))


def _rest(chance: random.Random) -> Event:
    return Event(chance.choice((1.0, 3.0)), rest=True)


def _leave(chance: random.Random) -> Event:
    return Event(_pause(chance), chance.choice(_LEAVING))
