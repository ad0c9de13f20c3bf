"""Reads the claims from the lines of a screen: header, table of runs, list of threads, opened run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.oracle.card import Opened, read_card
from benchmarks.oracle.values import UNITS

_CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d) *$")
_COUNTS = re.compile(r"([\d,]+|—) active +([\d,]+|—) failed (?:of|in) ([\d,]+|—) (?:known )?runs")
_HEALTH = re.compile(r"● (live|loading|late|stale|lost|refused|seen)\b( [\d]+[smhd])?")
_SERVER = re.compile(r"● (?:server )?(down|rate-limited) ")
_OLD = re.compile(r" (\d+[smhd]) old\b")
_STRETCHED = re.compile(r" every (\d+)s")
_CHECKED = re.compile(r"read again within (\d+)([smh])")
_ROW = re.compile(
    r"^.{0,3}?([○●✓×–]) (queued|running|completed|failed|cancelled|cancelling)\s+(run_[0-9a-f]{6})\b"
)
_TITLE = re.compile(r"(STATUS|RUN|THREAD|AGENT|MODEL|AGE|WAIT|TIME|TOKENS|NOTE)( ?[▼▲])?")
_RIGHT = {
    "AGE": re.compile(r"(\d+[smhd]|—)$"),
    "WAIT": re.compile(r"(\d+[smhd]|—)$"),
    "TIME": re.compile(r"(\d+(?::\d\d)+|—)$"),
    "TOKENS": re.compile(r"([\d,]+\+?|—)$"),
}
"""Right-aligned column -> the pattern of its texts."""
_THREAD = re.compile(r"^.?[► ] ?(thr_[0-9a-f]{6}|all threads)(.*)$")
_WORDS = re.compile(r"\b(late|stale|lost|refused|seen|no answer)\b(?: (\d+[smhd]))?")
_AGE = re.compile(r"(?<!\S)()(\d+[smhd])(?!\S)")
"""The age of a late or stale thread, or of one that waits for its turn, beside its counts: it has no word."""
_SCROLLBAR = "▁▂▃▄▅▆▇█"


class Row(NamedTuple):
    """A row of the table; `cells` is title of the column -> text; `leaves`: it is marked as leaving the filter, or a dialog covers the mark."""

    id: str
    status: str
    cells: dict[str, str]
    leaves: bool
    text: str


class Listed(NamedTuple):
    """A line of the list of threads: its counts (None where not shown), and its health `word` with its `age` as text.

    Beside counts there is only an age, without a word, unless the thread is lost or refused.

    `doubtful`: the lock is shown as ■?, observed too long ago to be certain.
    """

    name: str
    locked: bool
    doubtful: bool
    active: int | None
    failed: int | None
    word: str
    age: str


@dataclass
class Table:
    """The table of runs. `order` is (title, sign) of the sorted column; `room`: at least one line is empty."""

    title: str
    subtitle: str
    order: tuple[str, str] | None
    rows: list[Row]
    room: bool

    @property
    def waits(self) -> bool:
        """Whether new rows or a new order are pending."""
        return bool(re.search(r"\d+ (new|would move|would go)|to update|loading", self.subtitle))

    @property
    def filter(self) -> str:
        """The filter that the title shows."""
        found = re.search(r'"([^"]*)"', self.title)
        return found[1] if found else ""


@dataclass
class Seen:
    """The claims of one screen. `clock` is in seconds of the day, `counts` are active, failed and all runs.

    `old` is the age of the data in the header, as text. `stretched` is the interval in the header (`every 4s`), `checked` the
    time within which each thread is read again, both in seconds.
    """

    lines: list[str]
    clock: int | None = None
    health: str = ""
    server: str = ""
    old: str = ""
    counts: tuple[int, int, int] | None = None
    stretched: float | None = None
    checked: float | None = None
    table: Table | None = None
    threads: list[Listed] = field(default_factory=list)
    opened: Opened | None = None

    @property
    def text(self) -> str:
        return "\n".join(line.replace("\0", "").rstrip() for line in self.lines)


def read(lines: list[str]) -> Seen:
    """Read a screen. Claims that are not visible stay empty."""
    seen = Seen(lines)
    head = lines[0].replace("\0", "") if lines else ""
    if not head.startswith(" flowtui"):
        return seen
    if found := _CLOCK.search(head):
        hours, minutes, seconds = map(int, found.groups())
        seen.clock = hours * 3600 + minutes * 60 + seconds
    if found := _HEALTH.search(head):
        seen.health = found[1]
    seen.server = found[1] if (found := _SERVER.search(head)) else ""
    seen.old = found[1] if (found := _OLD.search(head)) else ""
    if (found := _COUNTS.search(head)) and "—" not in found.groups():
        active, failed, runs = (int(number.replace(",", "")) for number in found.groups())
        seen.counts = active, failed, runs
    seen.stretched = float(found[1]) if (found := _STRETCHED.search(head)) else None
    for title, inner, bottom in _frames(lines):
        if title.startswith("Runs"):
            seen.table = _table(title, inner, bottom)
        elif re.match(r"Threads \d", title):  # not the timeline, `Threads × time`
            seen.threads = list(_threads(inner))
            seen.checked = _seconds(found) if (found := _CHECKED.search(bottom)) else None
        elif re.match(r"run_[0-9a-f]{6}", title):
            seen.opened = read_card(title, inner)
    return seen


def _frames(lines: list[str]) -> Iterator[tuple[str, list[str], str]]:
    """Yield (title, inner lines, lower border) of each frame."""
    for top, line in enumerate(lines):
        for corner in re.finditer(r"╭─ ?([^╭╮]*)╮", line):
            left, right = corner.start(), corner.end() - 1
            inner: list[str] = []
            for below in lines[top + 1 :]:
                if below[left] != "│" or below[right] != "│":
                    if below[left] == "╰" and below[right] == "╯":
                        yield corner[1].replace("\0", "").strip("─ "), inner, below[left + 1 : right]
                    break
                inner.append(below[left + 1 : right])


def _table(title: str, inner: list[str], bottom: str) -> Table | None:
    if not inner:
        return None
    titles = list(_TITLE.finditer(inner[0]))
    order = next(((found[1], found[2].strip()) for found in titles if found[2]), None)
    rows = [row for line in inner[1:] if (row := _row(line, titles)) is not None]
    room = any(not line.strip(_SCROLLBAR + " ") for line in inner[1:])
    return Table(title, bottom.replace("\0", "").strip("─ "), order, rows, room)


def _row(line: str, titles: list[re.Match[str]]) -> Row | None:
    found = _ROW.match(line)
    if found is None:
        return None
    cells: dict[str, str] = {}
    for number, title in enumerate(titles):
        if title[1] in _RIGHT:
            after = titles[number - 1].end() if number else 0
            if text := _RIGHT[title[1]].search(line[after : title.end()].rstrip()):
                cells[title[1]] = text[1]
        else:
            following = titles[number + 1].start() if number + 1 < len(titles) else len(line)
            cells[title[1]] = line[title.start() : following].replace("\0", "").strip()
    text = line.replace("\0", "").rstrip(_SCROLLBAR + " ")
    return Row(found[3], found[2], cells, text.endswith("leaves") or "│" in text, text)


def _threads(inner: list[str]) -> Iterator[Listed]:
    for line in inner:
        if (found := _THREAD.match(line.replace("\0", ""))) is None:
            continue
        rest = found[2]
        active, failed = re.search(r"(\d+)●", rest), re.search(r"(\d+)×", rest)
        word = _WORDS.search(rest) or _AGE.search(rest)
        yield Listed(
            found[1],
            "■" in rest,
            "■?" in rest,
            int(active[1]) if active else None,
            int(failed[1]) if failed else None,
            word[1] if word else "",
            (word[2] or "") if word else "",
        )


def _seconds(found: re.Match[str]) -> float:
    return float(found[1]) * UNITS[found[2]]
