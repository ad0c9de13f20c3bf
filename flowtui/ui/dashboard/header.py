"""The line at the top: whose runs, how fresh, how many requests, what is active and what went wrong. Pure."""

from __future__ import annotations

from datetime import tzinfo

from flowtui import formatting
from flowtui.model.state.health import LOADING, Health
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.totals import Totals
from flowtui.ui.dashboard.host_label import Place
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.freshness_words import clock_words, health_words, outage_words


def head_line(
    place: Place,
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
    """Return the head for a window of `cells` cells; what matters least goes first where it is narrow.

    `totals` is None while no run of any thread has been read; `stretched` is the interval that moving threads really
    have, where it is longer than wished.
    """
    brand = [Span(" flowtui ", "badge"), Span(f" {place.profile}", "strong")]
    host = [Span(f" {place.host}", "dim")]
    fresh = snapshot.freshness(now) if snapshot is not None and snapshot.threads else None
    health = Health(LOADING, "", None) if snapshot is None else fresh.worst if fresh else snapshot.health(now)
    outage = snapshot.outage if snapshot is not None else None
    word = health_words(health, now)
    state = [Span(f"  {glyphs.live} {word.text}", word.role)]
    if outage is not None and health.good:  # no thread is late yet, and the server answers none
        state = [Span(f"  {glyphs.live}", "bad")]
    down = [] if outage is None else [outage_words(outage, now)]
    if paused:
        state.append(Span("  paused", "warn"))
    countdown: list[Span] = []
    threads: list[Span] = []
    oldest: list[Span] = []
    clocks: list[Span] = []
    budget: list[Span] = []
    if snapshot is not None:
        if snapshot.next_poll is not None and not snapshot.stopped:
            countdown = [
                Span(
                    f" {'next' if outage is None else 'one probe for all in'} {max(0.0, snapshot.next_poll - now):.0f}s",
                    "dim",
                )
            ]
        if stretched is not None:
            countdown.append(Span(f" every {stretched:.0f}s", "warn"))
        listed = snapshot.listed or snapshot.threads
        live, known = fresh.live if fresh else 0, len(snapshot.threads)
        share = f"{live}/{known}" if listed else formatting.UNKNOWN
        threads = [Span(f"  {share}"), Span(" threads" if live == known else " live", "dim")]
        clocks = clock_words(snapshot)
        if snapshot.coverage.oldest is not None and len(snapshot.threads) > 1:
            age = formatting.age(max(0.0, now - snapshot.coverage.oldest))
            oldest = [Span(f" oldest {age}", "dim")]
        budget = [Span(f"  {snapshot.requests}", "text"), Span(f"/{snapshot.budget} req/min", "dim")]
    right = _counts(totals)
    time = [Span(f" {formatting.clock(now, zone)} ", "dim")]
    hides = [Span("  redacted", "warn")] if place.redacted else []
    acts = [Span("  actions", "warn") if place.actions else Span("  read-only", "dim")]
    # That nothing can be done is the rule, and goes first; that something can stays while there is room for it.
    optional = [
        (0, down),
        (4, host),
        (2, countdown),
        (6, threads),
        (8, budget),
        (7, oldest),
        (3, clocks),
        (5 if place.actions else 9, acts),
        (1, time),
    ]
    while (
        ink.width([*brand, *state, *hides, *right]) + sum(ink.width(spans) for _, spans in optional) + 2
        > cells
        and optional
    ):
        optional.remove(max(optional, key=lambda item: item[0]))
    kept = {id(spans) for _, spans in optional}

    def keep(spans: list[Span]) -> list[Span]:
        return spans if id(spans) in kept else []

    left = [
        *brand,
        *keep(host),
        *state,
        *keep(down),
        *keep(countdown),
        *keep(clocks),
        *keep(threads),
        *keep(oldest),
        *keep(budget),
        *keep(acts),
        *hides,
    ]
    return ink.spread(left, [*right, *keep(time)], cells)


def _counts(totals: Totals | None) -> list[Span]:
    known = totals is not None
    active, failed, runs = (totals.active, totals.failed, totals.runs) if totals is not None else (None,) * 3
    return [
        Span(formatting.count(active), "running" if known else "dim"),
        Span(" active", "dim"),
        Span(f"  {formatting.count(failed)}", "failed" if failed else "dim"),
        Span(" failed", "dim"),
        Span(f"  {formatting.count(runs)}", "strong" if known else "dim"),
        Span(" runs ", "dim"),
    ]
