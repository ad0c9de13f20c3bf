"""Reads the claims of the opened run: the head of its card, below the table or on a screen of its own."""

from __future__ import annotations

import re
from typing import NamedTuple

from benchmarks.oracle.values import clock_span

_STATUS = re.compile(
    r" {0,3}([○●✓×–]) (queued|running|completed|failed|cancelled)\b(?: \(inferred\))?(?:  (.*))?$"
)
_SIGNS = dict(zip("○●✓×–", ("queued", "running", "completed", "failed", "cancelled"), strict=True))
_SPAN = r"(?:\d\.\ds|\d+[smhd](?: \d+[smh])?)"
_LASTED = {
    "queued": re.compile(rf"({_SPAN})(?=  | *$)"),
    "running": re.compile(r"(\d+(?::\d\d)+)(?=  | *$)"),
    "completed": re.compile(rf"in ({_SPAN})(?=  | *$)"),
    "cancelled": re.compile(rf"(?:after )?({_SPAN}|before it started)(?=  | *$)"),
}
_AFTER = re.compile(rf"(?:^ *|, )after ({_SPAN})(?=  | *$)")
"""How long a failed run took, in the line below its reason."""
_WHEN = re.compile(
    r" (?:since (?P<since>\d\d:\d\d:\d\d)|as of (?P<known>\d\d:\d\d)|(?P<ended>\d\d:\d\d:\d\d)  (?P<ago>\d+[smhd]) ago) *$"
)
_HEAD = 3  # lines within which the time stands


class Opened(NamedTuple):
    """The run in a pane. What is not shown is "" or None.

    `lasted`: the text of how long it took, or has been what it is. `since` and `ended`: times of day in seconds; `ago`: how
    long ago it ended, as text. `known`: it is shown as of a time, as its data is old.
    """

    id: str
    status: str
    lasted: str = ""
    since: int | None = None
    ended: int | None = None
    ago: str = ""
    known: bool = False


def read_card(title: str, inner: list[str]) -> Opened | None:
    """Return the claims of the card in a frame with this title; None if its head is not in sight."""
    lines = [line.replace("\0", "").rstrip("▁▂▃▄▅▆▇█ ") for line in inner]
    for place, line in enumerate(lines[:6]):
        if (found := _STATUS.match(line)) is None:
            continue
        status, rest = found[2], found[3] or ""
        if _SIGNS[found[1]] != status:
            status = f"{found[1]} {status}"
        lasted = _LASTED[status].match(rest) if status in _LASTED else None
        below = lines[place + 1 : place + _HEAD]
        if status == "failed":
            lasted = next((after for other in below if (after := _AFTER.search(other))), None)
        when = next((time for other in (line, *below) if (time := _WHEN.search(other))), None)
        opened = Opened(title[:10], status, lasted[1] if lasted else "")
        return (
            opened
            if when is None
            else opened._replace(
                since=clock_span(when["since"] or ""),
                ended=clock_span(when["ended"] or ""),
                ago=when["ago"] or "",
                known=when["known"] is not None,
            )
        )
    return None
