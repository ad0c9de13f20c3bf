"""Folds reasons of failures: numbers and ids are replaced, so that the same kind of failure has the same text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from flowtui.model.gate.judgement import NewReason
from flowtui.model.run.row import RunKey

_LONGEST: Final = 500  # greatest number of characters of a reason that are used
_ID: Final = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{4,40}\b"  # a UUID
    r"|\b(?=[a-z_-]{0,40}[0-9])[a-z]{1,20}[_-][a-z0-9_-]{1,60}\b"  # run_71, thr-9a
    r"|\b(?=[a-f]{0,60}[0-9])[0-9a-f]{6,64}\b"  # a hash
    r"|\b0x[0-9a-f]{1,32}\b",
    re.IGNORECASE | re.ASCII,
)
# A status code at the end of a phrase says what went wrong and is kept; other numbers differ from run to run.
_NUMBER: Final = re.compile(
    r"(?<![\w.])[45][0-9]{2}(?=$|[,;:)\]]|\.(?:\s|$)|\s[A-Z])|[0-9]+(?:[.,:][0-9]+)*", re.ASCII
)


def fold_reason(reason: str) -> str:
    """Return a display-safe reason with `#` for numbers and ids; status codes such as 502 are kept."""
    text = _ID.sub("#", reason[:_LONGEST])
    return " ".join(_NUMBER.sub(lambda found: found[0] if _is_code(found) else "#", text).split())


def _is_code(found: re.Match[str]) -> bool:
    text, after = found[0], found.string[found.end() :]
    if len(text) != 3 or text[0] not in "45":
        return False
    return re.match(r"$|[,;:)\]]|\.(?:\s|$)|\s[A-Z]", after) is not None and not re.search(
        r"[\w.]$", found.string[: found.start()]
    )


def new_reasons(
    base: Iterable[RunKey], new: Iterable[RunKey], reasons: Mapping[RunKey, str]
) -> tuple[tuple[NewReason, ...], int]:
    """Return the folded reasons that only `new` runs have, and the number of `base` runs without a known reason.

    `base` and `new` are the failed runs of the two sides. `reasons` is run key → reason.
    """
    before = [reasons.get(key) for key in base]
    known = {fold_reason(reason) for reason in before if reason}
    counts = Counter(fold_reason(reason) for key in new if (reason := reasons.get(key)))
    found = [NewReason(text, count) for text, count in counts.items() if text not in known]
    found.sort(key=lambda each: (-each.runs, each.text))
    return tuple(found), sum(not reason for reason in before)
