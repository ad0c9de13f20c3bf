"""Leaves out remarks that hold only counts, ids and folded parts. Reads folded lines. Pure."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = r"[^\W\d_][\w'’-]{0,30}"
_PART: Final = rf"(?:{_WORD}[:=]?\s?){{0,5}}['\"“„«]?#['\"”“»]?%?(?:\s{_WORD}){{0,4}}"
_BETWEEN: Final = r"(?:\s?[,;/|、，]\s?|\s(?:and|und|et|y|e|or|of|von|de)\s)"
_INSIDE: Final = rf"{_PART}(?:{_BETWEEN}{_PART}){{0,6}}"
_BRACKETS: Final = re.compile(
    rf"(?:(?:^|(?<=\s))[(\[]|\s?[（【［])\s?(?P<inside>{_INSIDE})\s?[)\]）】］](?![\w(])"
)
_PURE: Final = re.compile(r"[(\[（]#[)\]）]")
# These words say what went wrong, also in brackets.
_TELLING: Final = re.compile(
    r"(?:\b(?:connect|read|write|pool|per|pro|par|por|daily|monthly|hourly|TPM|RPM|RPD|TPD|missing|expired|denied|refused|not|no|code|status|because|due|since)\b|[A-Z]{3,}|每)"
)
_SEE: Final = re.compile(
    r"\s\((?:see|siehe|voir|ver) (?:the )?(?:server )?(?:logs?|docs|details|above|below)\b[^()]{0,60}\)",
    re.IGNORECASE,
)
_COUNT: Final = rf"(?:line\s#\scolumn\s#|(?:{_WORD}\s?){{0,4}}[:：=]\s?#|[A-ZÄÖÜÉ][\w'’-]{{0,30}}(?:\s{_WORD}){{0,2}}\s#|#)(?:\s[^\W\d_]{{1,12}})?"
_TAIL: Final = re.compile(
    rf"(?:\s(?:at|after)\s#|\s\|\s\w{{1,30}}=#|(?:[:.;,。、，；：–—]|\s-)\s?(?:{_COUNT}\s?(?:[,;、，.]|$)\s?){{1,8}})$"
)
_ENOUGH: Final = re.compile(r"[^\W\d_]{2,}")
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CLAUSES: Final = re.compile(r"([,;] )")
_LONG: Final = 8  # characters of a clause that is not said twice
_OWN: Final = 3  # words that a text must keep: fewer do not say what happened


def without_remarks(text: str) -> str:
    """Return a folded line without remarks such as `(# in the messages)`, and without counts at its end."""
    several = len(_PURE.findall(text)) > 1  # such as `shape (#) is not (#)`
    shorter = _BRACKETS.sub(
        lambda found: found[0] if several and found["inside"] == "#" else _dropped(found), text
    )
    shorter = " ".join(shorter.split())
    shorter = re.sub(r"\s([.,;])(?=\s|$)", r"\1", shorter)
    text = shorter if _tells(shorter) else text
    text = _SEE.sub("", _said_once(text))
    found = _TAIL.search(text, max(0, len(text) - 160))
    if found is not None and not _TELLING.search(found[0]):
        rest = text[: found.start()].rstrip(" ,;:.-–—")
        if _tells(rest):
            return rest
    return text


def _said_once(text: str) -> str:
    """Return a text in which no clause follows itself."""
    parts = _CLAUSES.split(text)
    kept = parts[:1]
    for mark, part in zip(parts[1::2], parts[2::2], strict=True):
        if part != kept[-1] or len(part) < _LONG:
            kept += (mark, part)
    return "".join(kept)


def _dropped(found: re.Match[str]) -> str:
    return found[0] if _TELLING.search(found["inside"]) else " "


def _tells(text: str) -> bool:
    return len(_ENOUGH.findall(text)) >= _OWN or len(_WIDE.findall(text)) >= _OWN
