"""The line at the top of the dashboard: profile and host, freshness, requests, and counts of runs. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import NamedTuple

from flowtui import formatting
from flowtui.model.state.health import LIVE, LOADING, RESTORED, Freshness, Health
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.totals import Totals
from flowtui.ui.base.host_label import HostLabel
from flowtui.ui.grouping.rows import shows_old
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.freshness_words import clock_words, health_words, outage_word, restored_words

_READ_ONLY = 10  # the order of that part, the highest


class _Part(NamedTuple):
    """A part of the header. If not all fit, the parts with the highest `order` are left out first; 0 is never left out."""

    order: int
    spans: Sequence[Span]


def header_line(
    label: HostLabel,
    snapshot: Snapshot | None,
    totals: Totals | None,
    *,
    now: float,
    paused: bool,
    glyphs: Glyphs,
    zone: tzinfo | None,
    cells: int,
    stretched: float | None = None,
) -> Line:
    """Return the header for a screen `cells` cells wide; parts that do not fit are left out.

    `totals` is None until a thread has been read: then the counts are shown as unknown. If threads with active runs are
    polled less often than configured, `stretched` is their real interval in seconds; else it is None.
    """
    fresh = snapshot.freshness(now) if snapshot is not None and snapshot.threads else None
    left = [
        _Part(0, label.brand),
        _Part(5, label.host_spans),
        *_health(snapshot, fresh, now, glyphs, zone, paused=paused),
        _unread(snapshot, fresh, now, zone),
        *([] if snapshot is None else _polling(snapshot, fresh, now, stretched)),
        # "read-only" is the default, so it is left out first of all; "actions" stays longer.
        _Part(6 if label.actions else _READ_ONLY, label.rights),
        _Part(0, label.redaction),
    ]
    clock = _Part(2, [Span(f"  {formatting.clock(now, zone)}", "dim")])
    right, highest = _right(
        left, clock, snapshot, totals, grey=snapshot is not None and shows_old(snapshot, now), cells=cells
    )
    shown_left, shown_right = (
        [span for part in parts if part.order <= highest for span in part.spans] for parts in (left, right)
    )
    return ink.spread(shown_left, shown_right, cells)


def _right(
    left: Sequence[_Part],
    clock: _Part,
    snapshot: Snapshot | None,
    totals: Totals | None,
    *,
    grey: bool,
    cells: int,
) -> tuple[Sequence[_Part], int]:
    """Return the parts of the right end, and the highest order of the parts that fit.

    The number of runs is short if the long form leaves no room for the clock; if that is only another word, for any part
    but `read-only`.
    """
    left_memory = snapshot.let_go if snapshot is not None else 0
    found = []
    for short in (True, False):
        runs = _known_runs(totals.runs if totals is not None else None, left_memory, short=short)
        counts = [_Part(0, _counts(totals)), _Part(1, runs)]
        if grey:
            counts = [part._replace(spans=ink.grey(part.spans)) for part in counts]
        right = [*counts, clock, _Part(0, [Span(" ")])]
        found.append((right, _highest_order([*left, *right], cells - 2)))
    highest = found[1][1]
    return found[highest >= (clock.order if left_memory else min(found[0][1], _READ_ONLY - 1))]


def _highest_order(parts: Sequence[_Part], cells: int) -> int:
    """Return the highest order such that all parts up to it fit into `cells` cells; 0 if there is no such order."""
    orders = sorted({part.order for part in parts}, reverse=True)
    fitting = (
        order
        for order in orders
        if sum(ink.width(part.spans) for part in parts if part.order <= order) <= cells
    )
    return next(fitting, 0)


def _health(
    snapshot: Snapshot | None,
    fresh: Freshness | None,
    now: float,
    glyphs: Glyphs,
    zone: tzinfo | None,
    *,
    paused: bool,
) -> Sequence[_Part]:
    """Return the worst health of any thread, and `paused`.

    In an outage, return how old the oldest data is; while no data is late, how long the outage lasts.
    """
    health = Health(LOADING, "", None) if snapshot is None else fresh.worst if fresh else snapshot.health(now)
    outage = snapshot.outage if snapshot is not None else None
    word = health_words(health, now, zone)
    halt = _Part(0, [Span("  paused", "warn")] if paused else [])
    if snapshot is None or outage is None:
        known = _Part(0, [Span(f"  {glyphs.live} {word.text}", word.role)])
        oldest = snapshot.coverage.oldest if snapshot is not None and snapshot.stopped else None
        return known, *([] if oldest is None else _data_age(oldest, now, word.role)), halt
    down = [
        _Part(0, [Span(f"  {glyphs.live}", "bad")]),
        _Part(3, [Span(" server", "bad")]),
        _Part(0, [Span(f" {outage_word(outage)}", "bad")]),
    ]
    if not health.good and health.since is not None:  # how old the data is says more than since when
        since = min(health.since, snapshot.coverage.oldest or math.inf)
        return *down, *_data_age(since, now, word.role), halt
    if health.good and health.word != LIVE:  # the outage is so new that no thread is late yet
        return *down, _Part(0, [Span(f"  {word.text}", word.role)]), halt
    return *down, _Part(0, [Span(f" {formatting.age(max(0.0, now - outage.since))}", "bad")]), halt


def _data_age(since: float, now: float, role: str) -> Sequence[_Part]:
    """Return how old the oldest data is, while no thread is read."""
    age = formatting.age(now - since)
    return _Part(0, [Span(" ")]), _Part(2, [Span(" data", role)]), _Part(0, [Span(f" {age} old", role)])


def _unread(snapshot: Snapshot | None, fresh: Freshness | None, now: float, zone: tzinfo | None) -> _Part:
    """Return how many threads are not read again yet; empty if none of them comes from the history."""
    words = restored_words(snapshot, fresh, now, zone) if snapshot is not None and fresh is not None else ""
    gap = " " if fresh is not None and fresh.worst.word == RESTORED else "  "
    return _Part(2, [Span(gap + words, "warn")] if words else [])


def _polling(
    snapshot: Snapshot, fresh: Freshness | None, now: float, stretched: float | None
) -> Iterator[_Part]:
    """Yield the countdown to the next request, how many threads are live, how old the oldest data is, and the budget.

    While rows come from the history, `_unread` says more about the threads. While no thread is read, as in an outage,
    none is called live, and no interval holds.
    """
    halted = bool(snapshot.stopped) or snapshot.outage is not None
    countdown: list[Span] = []
    if snapshot.next_poll is not None and not snapshot.stopped:
        what = "next" if snapshot.outage is None else "next try in"
        countdown.append(Span(f" {what} {max(0.0, snapshot.next_poll - now):.0f}s", "dim"))
    if stretched is not None and not halted:
        countdown.append(Span(f" every {stretched:.0f}s", "warn"))
    yield _Part(3, countdown)
    yield _Part(4, clock_words(snapshot))
    known = len(snapshot.threads) - snapshot.coverage.gone  # those that are gone are not read again
    live = fresh.live if fresh else 0
    share = f"{live}/{known}" if snapshot.listed or known else formatting.UNKNOWN
    counted = (fresh is None or not fresh.restored) and not (halted and known)
    if counted:
        yield _Part(7, [Span(f"  {share}"), Span(" threads" if live == known else " live", "dim")])
    if snapshot.coverage.oldest is not None and known > 1 and (fresh is None or fresh.worst.good):
        age = formatting.age(max(1.0, now - snapshot.coverage.oldest))
        yield _Part(8, [Span(f"{',' if counted else ' '} data {age} old", "dim")])
    yield _Part(9, [Span(f"  {snapshot.requests}", "text"), Span(f"/{snapshot.budget} req/min", "dim")])


def _counts(totals: Totals | None) -> list[Span]:
    """Return the counts of active and failed runs."""
    known = totals is not None
    active, failed = (totals.active, totals.failed) if totals is not None else (None, None)
    return [
        Span(formatting.count(active), "running" if known else "dim"),
        Span(" active", "dim"),
        Span(f"  {formatting.count(failed)}", "failed" if failed else "dim"),
        Span(" failed", "dim"),
    ]


def _known_runs(runs: int | None, left: int, *, short: bool) -> list[Span]:
    """Return among how many runs these are. `left`: how many older runs, which are not counted, have left memory.

    `known` tells these counts from those of the last hours beside the table; older runs may not have been read.
    """
    role = "dim" if runs is None else "strong"
    if not left or runs is None:
        return [
            Span(" of " if runs and not short else " in ", "dim"),
            Span(formatting.count(runs), role),
            Span(" known runs" if runs and not short else " runs", "dim"),
        ]
    if short:
        return [
            Span(" in ", "dim"),
            Span(formatting.short_count(runs), role),
            Span(f"/{formatting.short_count(runs + left)} runs", "dim"),
        ]
    return [
        Span(" in ", "dim"),
        Span(formatting.count(runs), role),
        Span(f" of {formatting.count(runs + left)} runs", "dim"),
    ]
