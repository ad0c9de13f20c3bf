"""What the sentence beside an exit code claims: every number beside a word, and what it says has ended the watch."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_NUMBER: Final = r"(?P<number>\d[\d,]*|none|no)"
_COUNT: Final = re.compile(
    _NUMBER
    + r"(?: more)?(?: runs?)?(?: (?:is|are|was|were))?"
    + r" (?P<word>completed|failed|cancelled|ended|not ended|still queued|still running|still active|queued|running"
    + r"|overdue|missing|stalled|unknown|with an unknown status|of unknown status)\b"
)
_OF: Final = re.compile(r"(?P<number>\d[\d,]*|none) of (?P<whole>\d[\d,]*) (?:expected )?runs?\b")
_TOKENS: Final = re.compile(r"(?P<number>\d[\d,]*) tokens")
_IDS: Final = re.compile(r": (?:(?:run|thr)_\w+(?: \([^)]*\))?(?:, )?)+(?:and \d+ more)?")
_ENDERS: Final = {
    "timeout": re.compile(r"--timeout"),
    "give-up": re.compile(r"no answer for|--give-up-after"),
    "signal": re.compile(r"SIG(?:INT|TERM|HUP)"),
    "stall": re.compile(r"nothing moved|--stall"),
    "max-tokens": re.compile(r"--max-tokens"),
    "nothing": re.compile(r"no run matched|expected runs? (?:has |have )?appeared|--wait-start|appeared within"),
    "refused": re.compile(r"GET: 40[134]"),
    "fail-fast": re.compile(r"--fail-fast"),
}


@dataclass
class Claims:
    """What a sentence claims.

    `counts`: word -> number, such as failed -> 2.
    `allowed`: it says that failures are allowed or do not count.
    `expected`: how many runs came, of how many expected ones.
    `enders`: what it names as the end of the watch.
    """

    counts: dict[str, int] = field(default_factory=dict)
    allowed: bool = False
    expected: tuple[int, int] | None = None
    tokens: int | None = None
    enders: set[str] = field(default_factory=set)
    twice: list[str] = field(default_factory=list)


def read_claims(sentence: str) -> Claims:
    """Return what a sentence claims."""
    plain = _IDS.sub("", sentence)
    claims = Claims(allowed=bool(re.search(r"\ballowed\b", plain)))
    for found in _COUNT.finditer(plain):
        number, word = _number(found["number"]), found["word"]
        if claims.counts.setdefault(word, number) != number:
            claims.twice.append(f"{word} is said twice, with {claims.counts[word]} and {number}")
    if found := _OF.search(plain):
        claims.expected = _number(found["number"]), _number(found["whole"])
    if found := _TOKENS.search(plain):
        claims.tokens = _number(found["number"])
    claims.enders = {name for name, pattern in _ENDERS.items() if pattern.search(plain)}
    return claims


def _number(text: str) -> int:
    return 0 if text in ("no", "none") else int(text.replace(",", ""))
