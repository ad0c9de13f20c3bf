"""Reads the sentence beside an exit code: every number that it claims, and what it says has ended the watch.

The patterns are loose about words around the numbers, so that another wording is read too. What they cannot read they
do not claim, and then `compare.py` finds that the sentence leaves something out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_NUMBER: Final = r"(?<![\w%-])(?P<number>\d[\d,]*|none|no)"
_STATES: Final = r"completed|failed|cancelled|not ended|ended|running|queued|overdue|missing|stalled|of unknown status|not waited for"
_COUNT: Final = re.compile(
    rf"{_NUMBER}(?: of (?P<whole>\d[\d,]*))?(?: (?:other )?runs?)?(?: (?:is|are|was|were|still))* (?P<state>{_STATES})\b"
    r"(?P<note>, (?:allowed|not counted))?"
)
_MATCH: Final = re.compile(rf"{_NUMBER} of (?P<whole>\d[\d,]*) runs? match")
_CAME: Final = re.compile(rf"{_NUMBER} of (?P<whole>\d[\d,]*) expected runs? (?:came|appeared)")
_SHARE: Final = re.compile(
    r"--allow-\w+ (?P<share>[\d.]+)% of (?P<whole>\d[\d,]*)(?P<expected> expected)? runs?"
)
_TOKENS: Final = re.compile(rf"{_NUMBER} tokens")
_ENDERS: Final = {
    "condition": re.compile(r"\d runs? ended|no run is active|runs? match --for|, \d+ not waited for"),
    "timeout": re.compile(r"--timeout \S+( \S+)? (?:\(.*?\) )?reached"),
    "give-up": re.compile(r"no answer for|--give-up-after"),
    "signal": re.compile(r"SIG(?:INT|TERM|HUP)"),
    "stall": re.compile(r"nothing moved for"),
    "max-tokens": re.compile(r"more than --max-tokens"),
    "nothing": re.compile(r"no run matched within|came within|appeared within"),
    "no-match": re.compile(r"none matches --for"),
    "refused": re.compile(r"(?:^|; )GET: 40[134]"),
    "fail-fast": re.compile(r"by --fail-fast"),
    "once": re.compile(r"--once"),
}


@dataclass
class Claims:
    """What a sentence claims.

    `counts`: state -> number, such as failed -> 2. `wholes`: the M of each `N of M runs`.
    `notes`: state -> "allowed" or "not counted", where the sentence says so.
    `came`: how many runs came, of how many expected ones.
    `shares`: of each percentage: percent, of how many, and whether these are expected runs.
    `matching`: how many runs match --for EXPR.
    `enders`: what it names as the end of the watch.
    `contradictions`: numbers that it gives twice, differently.
    """

    counts: dict[str, int] = field(default_factory=dict)
    wholes: list[int] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    came: tuple[int, int] | None = None
    shares: list[tuple[float, int, bool]] = field(default_factory=list)
    matching: int | None = None
    tokens: int | None = None
    enders: set[str] = field(default_factory=set)
    contradictions: list[str] = field(default_factory=list)


def read_claims(sentence: str) -> Claims:
    """Return what a sentence claims."""
    claims = Claims()
    for found in _COUNT.finditer(sentence):
        number, state = _number(found["number"]), found["state"]
        if claims.counts.setdefault(state, number) != number:
            claims.contradictions.append(f"{claims.counts[state]} and {number} {state}")
        if found["whole"]:
            claims.wholes.append(_number(found["whole"]))
        if found["note"]:
            claims.notes[state] = found["note"].removeprefix(", ")
    for found in _SHARE.finditer(sentence):
        claims.shares.append((float(found["share"]), _number(found["whole"]), bool(found["expected"])))
    if found := _CAME.search(sentence):
        claims.came = _number(found["number"]), _number(found["whole"])
    if found := _MATCH.search(sentence):
        claims.matching = _number(found["number"])
        claims.wholes.append(_number(found["whole"]))
    if found := _TOKENS.search(sentence):
        claims.tokens = _number(found["number"])
    claims.enders = {name for name, pattern in _ENDERS.items() if pattern.search(sentence)}
    return claims


def _number(text: str) -> int:
    return 0 if text in ("no", "none") else int(text.replace(",", ""))
