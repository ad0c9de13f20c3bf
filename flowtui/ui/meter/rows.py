"""The lines of the meter's panel. Pure; an unknown value is `—`, never 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from rich.cells import cell_len

from flowtui.formatting import UNKNOWN, age, as_of, clock, count, short_count, span
from flowtui.model.state.health import Coverage
from flowtui.text import safe_text
from flowtui.ui.meter.meter import Measurements
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line

if TYPE_CHECKING:
    from datetime import tzinfo

    from flowtui.store.facts import HistoryFacts

T = TypeVar("T")

CELLS: Final = 55
"""The width of every line."""

_NAME, _TAG, _VALUE, _NOTE, _GAP = 15, 5, 8, 10, 2
_LONG: Final = 10.0  # seconds from which tenths of a second are shown instead of milliseconds
_VERY_LONG: Final = 1_000.0  # seconds from which minutes and hours are shown


def meter_lines(found: Measurements) -> list[Line]:
    """Return one line per measurement: name, two labelled values, and the number of samples or seconds they cover."""
    lag, rate = _within(found.lag, found.lag_span), _within(found.rate, found.rate_span)
    return [
        _delays("key to paint", found.key_p50, found.key_p95, found.keys),
        _delays("body to paint", found.body_p50, found.body_p95, found.bodies),
        _line("loop lag", short_duration, ("max", found.lag), ("", None), lag),
        _line("memory", size, ("now", found.resident), ("", None), "resident"),
        _line("requests", _count, ("/min", found.requests), ("all", found.requests_all), "connection"),
        _line("to terminal", size, ("/s", found.rate), ("all", found.written), rate),
    ]


def polling_lines(covered: Coverage | None, zone: tzinfo | None) -> list[Line]:
    """Return how often idle threads, the list of threads and spans are read, and whether spans help."""
    if covered is None or not covered.fleet:
        words = "nothing is polled yet" if covered is None else "every thread is polled by itself"
        covered = Coverage()
    elif covered.discovering:
        words = "spans tell what moves"
    else:
        helps = "too early to tell whether spans help"
        words = f"no help from spans: {covered.why}" if covered.why else helps
    since = UNKNOWN if covered.since is None else clock(covered.since, zone)[:5]
    return [
        _line("at rest", _every, ("each", covered.round_s), ("list", covered.list_s), "threads"),
        _line("spans", str, ("each", _every(covered.spans_s)), ("since", since), ""),
        ink.line((ink.fit(words, CELLS), "dim")),
    ]


def history_lines(
    facts: HistoryFacts | None, trouble: str, now: float, zone: tzinfo | None, *, read: bool = True
) -> list[Line]:
    """Return since when runs are remembered, how many, how large the file is and where, and what is never in it.

    `facts`: None if there is no file, or if `read` is False: it was not looked for yet. `trouble`: why nothing is written, or "". `now`: UTC epoch seconds of the local clock.
    """
    since = as_of(facts.begin, now, zone, short=True) if facts is not None and facts.begin is not None else ""
    held = ("since", since.removeprefix("as of ") or UNKNOWN)
    if facts is None:
        place, note = "no file: what is remembered ends with flowtui" if read else ink.ELLIPSIS, ""
    else:
        place = _tail(str(facts.path), CELLS)
        note = f"{short_count(facts.runs)} runs"
    never = trouble or "never in it: texts of agents, users and tools, the key"
    return [
        _line("history", str, held, ("size", size(facts.size if facts is not None else None)), note),
        ink.line((ink.fit(place, CELLS), "dim")),
        ink.line((ink.fit(never, CELLS), "warn" if trouble else "dim")),
    ]


def _tail(path: str, cells: int) -> str:
    """Return the end of a path, display-safe, in at most so many cells."""
    return (
        ink.cut_id(f"{ink.ELLIPSIS}{safe_text(path)}", cells) if cell_len(path) > cells else safe_text(path)
    )


def short_duration(seconds: float | None) -> str:
    """Return seconds as text: `0.4 ms`, `12 ms`, `1,204 ms`, `12.3 s`, `1h 00m`; `—` for None."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    if seconds >= _LONG:
        return f"{seconds:.1f} s" if seconds < _VERY_LONG else span(seconds)
    return f"{seconds * 1e3:,.1f} ms" if seconds < 0.00995 else f"{seconds * 1e3:,.0f} ms"


def size(number: float | None) -> str:
    """Return bytes as text: `310 B`, `18.2 kB`, `61.4 MB`; `—` for None."""
    short = short_count(number)
    if short == UNKNOWN:
        return UNKNOWN
    return f"{short} B" if short[-1].isdigit() else f"{short[:-1]} {short[-1]}B"


def _count(number: int | None) -> str:
    return short_count(number) if number is not None and number >= 1_000_000 else count(number)


def _every(seconds: float) -> str:
    return age(math.ceil(seconds)) if seconds else UNKNOWN


def _delays(name: str, p50: float | None, p95: float | None, samples: int) -> Line:
    note = f"last {samples}" if samples else "none yet"
    return _line(name, short_duration, ("p50", p50), ("p95", p95), note)


def _within(value: float | None, seconds: float) -> str:
    return "none yet" if value is None else f"last {max(1.0, seconds):.0f}s"


def _line(
    name: str, text: Callable[[T], str], first: tuple[str, T], second: tuple[str, T], note: str
) -> Line:
    parts: list[tuple[str, str]] = [(ink.fit(name, _NAME), "text")]
    for tag, value in (first, second):
        said = text(value) if tag else ""
        role = "dim" if said == UNKNOWN else "strong"
        parts += [(ink.fit(tag, _TAG), "dim"), (ink.fit(said, _VALUE, "right"), role), (" " * _GAP, "dim")]
    return ink.line(*parts, (ink.fit(note, _NOTE), "dim"))
