"""Display-safe text: the one place where untrusted text becomes something a terminal may be shown.

Never a parser of escape sequences: single characters are replaced, so nothing can hide in a sequence that a
parser reads differently than the terminal. What is replaced stays visible as a picture or as �.
"""

from __future__ import annotations

import unicodedata
from typing import Any

# Cc, Cf (bidi controls, zero-width characters, soft hyphen), Cs (lone surrogates), Co, Cn, Zl, Zp.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me", "Mc"})
_MAX_MARKS = 2  # Vietnamese and Hebrew need two on one letter; towers of thirty bury the lines above
_REPLACEMENT = "�"
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")  # letters that draw nothing
_VARIATION = range(0xFE00, 0xFE10)
_TAG_VARIATION = range(0xE0100, 0xE01F0)


def _picture(char: str) -> str:
    """Return what stands for one unsafe character: control pictures where they exist, else �."""
    code = ord(char)
    if code < 0x20:  # C0
        return chr(0x2400 + code)
    if code == 0x7F:  # DEL
        return "␡"
    return _REPLACEMENT


def safe_text(value: object) -> str:
    """Return `value` as one line that is safe and honest to draw.

    Control, bidi, zero-width and other format characters, unassigned and private-use characters and lone
    surrogates become a visible stand-in; combining marks are capped. Line breaks become ␊ and ␍, so nothing is
    cut. The result has no newline; `safe_lines` keeps them.
    """
    text = value if isinstance(value, str) else str(value)
    if text.isascii() and text.isprintable():  # nearly everything; 40 ns
        return text
    out: list[str] = []
    marks = 0
    for char in text:
        if " " <= char <= "~":
            marks = 0
            out.append(char)
            continue
        category = unicodedata.category(char)
        if category in _MARKS:
            code = ord(char)
            if code in _VARIATION or code in _TAG_VARIATION:
                continue  # changes how wide a terminal draws its neighbour, and terminals disagree
            marks += 1
            if marks > _MAX_MARKS or not out:
                if not out:
                    out.append(_REPLACEMENT)
                continue
        else:
            marks = 0
            if category in _UNSAFE or char in _INVISIBLE:
                char = _picture(char)  # noqa: PLW2901
            elif category == "Zs":
                char = " "  # noqa: PLW2901  no-break and wide spaces would break alignment
        out.append(char)
    return "".join(out)


def safe_lines(value: object) -> list[str]:
    """Return `value` as display-safe lines; CRLF, LF and CR end one, a tab becomes spaces to the next fourth column."""
    text = value if isinstance(value, str) else str(value)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [safe_text(line.expandtabs(4)) for line in text.split("\n")]


def safe_tree(value: Any) -> Any:
    """Return a JSON value with every string and key display-safe; single lines, except that values keep newlines."""
    if isinstance(value, str):
        return "\n".join(safe_lines(value))
    if isinstance(value, dict):
        return {safe_text(key): safe_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [safe_tree(item) for item in value]
    return value
