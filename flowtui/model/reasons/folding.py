"""Folds the text of a failure: numbers and ids are replaced, so that the same kind of failure has the same text."""

from __future__ import annotations

import re
from typing import Final

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


def fold_text(text: str) -> str:
    """Return a display-safe text with `#` for numbers and ids; status codes such as 502 are kept."""
    text = _ID.sub("#", text[:_LONGEST])
    return " ".join(_NUMBER.sub(lambda found: found[0] if _is_code(found) else "#", text).split())


def _is_code(found: re.Match[str]) -> bool:
    text, after = found[0], found.string[found.end() :]
    if len(text) != 3 or text[0] not in "45":
        return False
    return re.match(r"$|[,;:)\]]|\.(?:\s|$)|\s[A-Z]", after) is not None and not re.search(
        r"[\w.]$", found.string[: found.start()]
    )
