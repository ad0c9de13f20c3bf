"""Makes untrusted text safe to show in a terminal; measures, cuts and pads text by terminal cells.

Escape sequences are not parsed, as a terminal may parse them differently. Instead, each unsafe character is replaced by
a symbol such as ␛, or by �.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Cc, Cf (bidi controls, zero-width characters, soft hyphen), Cs (lone surrogates), Co, Cn, Zl, Zp.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me", "Mc"})
# Korean vowels and final consonants: drawn into the letter before them, so they have no width.
_JAMO = (range(0x1161, 0x1200), range(0xD7B0, 0xD800))
_MAX_MARKS = 2  # Vietnamese and Hebrew need two on one letter; thirty would cover the lines above
_MAX_NAME = 1_000  # characters of a name or an id that are shown; megabytes would slow down every update
_REPLACEMENT = "�"
_ELLIPSIS = "…"
# A UUID, maybe with a prefix such as `run_`.
_UUID = re.compile(r"(?:[A-Za-z]{1,12}[_:-])?[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")
_UUID_DIGITS = 32
_UUID_END = 8  # digits of a UUID that are shown: two of 10,000 runs look alike once in a hundred times
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")  # letters that draw nothing
# Left out: variation selectors and skin tones, which only some terminals count in the width of the character before.
_DROPPED = frozenset(
    (
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
        *range(0x180B, 0x180E),
        0x180F,
        *range(0x1F3FB, 0x1F400),
    )
)
# Terminals draw a pair of them as a flag or as two letters, in different widths; shown as A to Z.
_FLAGS = range(0x1F1E6, 0x1F200)
# Signs that Unicode 16 made wide: trigrams, digrams, hexagrams, counting rods. Older terminals draw them narrow.
_DISPUTED = frozenset(
    (*range(0x2630, 0x2638), *range(0x268A, 0x2690), *range(0x4DC0, 0x4E00), *range(0x1D300, 0x1D380))
)


def _stand_in(char: str, category: str) -> str:
    """Return the character itself if it is safe and equally wide in all terminals, else a substitute.

    `category`: the character's Unicode category, such as `Cc`.
    """
    code = ord(char)
    if category == "Zs":
        return " "  # no-break and wide spaces would break alignment
    if code in _FLAGS:
        return chr(ord("A") + code - _FLAGS.start)
    if category not in _UNSAFE and char not in _INVISIBLE and code not in _DISPUTED:
        return char
    if code < 0x20:  # C0
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else _REPLACEMENT


def _joins(code: int) -> bool:
    return any(code in block for block in _JAMO)


def safe_text(value: object) -> str:
    """Return `value` as one line that is safe to draw.

    Control, bidi, zero-width and other format characters, unassigned and private-use characters and lone surrogates
    are replaced by visible ones. Variation selectors, skin tones, and all but two combining marks per letter are left
    out. Line breaks become ␊ and ␍; use `safe_lines` to keep them.
    """
    text = value if isinstance(value, str) else str(value)
    if text.isascii() and text.isprintable():  # nearly all texts; 40 ns
        return text
    out: list[str] = []
    marks = 0
    for char in text:
        if " " <= char <= "~":
            marks = 0
            out.append(char)
            continue
        category = unicodedata.category(char)
        code = ord(char)
        if code in _DROPPED:
            continue
        if char not in _INVISIBLE and (category in _MARKS or (category == "Lo" and _joins(code))):
            marks += 1
            if marks > _MAX_MARKS or not out:
                if not out:
                    out.append(_REPLACEMENT)
                continue
        else:
            marks = 0
            char = _stand_in(char, category)  # noqa: PLW2901
        out.append(char)
    return "".join(out)


def safe_name(name: str) -> str:
    """Return a name or an id as one line that is safe to draw, at most 1,000 characters long."""
    return safe_text(shorten(name, _MAX_NAME))


def shorten(text: str, most: int) -> str:
    """Return `text` if it has at most `most` characters, else its start and an ellipsis: `most` characters in all."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shorten_start(text: str, most: int) -> str:
    """Return `text` if it has at most `most` characters, else an ellipsis and its end: `most` characters in all."""
    return text if len(text) <= most else f"…{text[1 - most :]}"


def short_id(name: str) -> str:
    """Return how a display-safe id is shown to people: a UUID as `…8f2c41d0`, every other id as it is.

    The beginning of a UUID of version 7 is a clock, so that all runs of a minute would look alike; the end is random.
    """
    if len(name) < _UUID_DIGITS or _UUID.fullmatch(name) is None:
        return name
    return f"{_ELLIPSIS}{name[-_UUID_END:]}"


def shorten_counted(text: str, most: int) -> str:
    """Return `text` if it has at most `most` characters, else its first `most` characters and how many more it has."""
    return text if len(text) <= most else f"{text[:most]}… {len(text) - most:,} more characters"


def cell_width(text: str) -> int:
    """Return how many terminal cells display-safe `text` takes: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def cut_cells(text: str, cells: int) -> str:
    """Return the start of display-safe `text`, as much as fits into `cells` terminal cells; wide characters stay whole."""
    if cell_width(text) <= cells:
        return text
    used = 0
    for at, char in enumerate(text):
        used += _char_width(char)
        if used > cells:
            return text[:at]
    return text


def shorten_cells(text: str, cells: int) -> str:
    """Return display-safe `text` if it fits into `cells` terminal cells, else as much of its start as fits with an ellipsis."""
    return text if cell_width(text) <= cells else f"{cut_cells(text, cells - 1)}…"


def shorten_start_cells(text: str, cells: int) -> str:
    """Return display-safe `text` if it fits into `cells` cells, else an ellipsis and as much of its end as fits.

    For ids, of which the end tells most. In a single cell there is no ellipsis.
    """
    if cell_width(text) <= cells:
        return text
    room = cells - 1 if cells > 1 else cells
    at, used = len(text), 0
    while at and used + _char_width(text[at - 1]) <= room:
        at -= 1
        used += _char_width(text[at])
    while at < len(text) and _char_width(text[at]) == 0:  # a mark without its letter
        at += 1
    return f"{_ELLIPSIS if cells > 1 else ''}{text[at:]}"


def pad_cells(text: str, cells: int, *, right: bool = False) -> str:
    """Return display-safe `text` padded with blanks to `cells` terminal cells: on the right, or on the left if `right`."""
    blanks = " " * (cells - cell_width(text))
    return blanks + text if right else text + blanks


@lru_cache(4096)  # the same few signs again and again, in each drawn line
def _char_width(char: str) -> int:
    if unicodedata.category(char) in _MARKS or _joins(ord(char)):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def safe_lines(value: object) -> list[str]:
    """Return `value` as display-safe lines, split at CRLF, LF and CR. Tabs become spaces; tab stops are 4 columns apart."""
    text = value if isinstance(value, str) else str(value)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [safe_text(line.expandtabs(4)) for line in text.split("\n")]
