"""How fresh something is, in a word, wherever the screen says it. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.model.state.health import LATE, LIVE, LOADING, REFUSED, SEEN, STALE, Health
from flowtui.model.state.snapshot import Outage, Snapshot
from flowtui.ui.paint.ink import Span

CLOCK_APART: Final = 10.0
"""Seconds that this machine's clock may differ from the server's before the head says so."""


def outage_words(outage: Outage, now: float) -> Span:
    """Return that the server as a whole is in trouble, and for how long."""
    word = "rate-limited" if outage.kind == "rate_limited" else "down"
    return Span(f"  server {word} {formatting.age(max(0.0, now - outage.since))}", "bad")


def health_words(health: Health, now: float) -> Span:
    """Return a health in a word, with how old the data is where it matters."""
    if health.word == LIVE:
        return Span("live", "good")
    if health.word == LOADING:
        return Span("loading", "dim")
    if health.word == SEEN and health.since is not None:  # no trouble: its turn has not come
        return Span(f"seen {formatting.age(now - health.since)} ago", "dim")
    age = "" if health.since is None or health.word == REFUSED else f" {formatting.age(now - health.since)}"
    return Span(f"{health.word}{age}", "warn" if health.word in (LATE, STALE) else "bad")


def clock_words(snapshot: Snapshot) -> list[Span]:
    """Return that this machine's clock is not the server's, where that is so by more than `CLOCK_APART`.

    Ages are right all the same, by the server's clock. Where it never said what time it is there, that is said.
    """
    if not snapshot.clock_known:
        return [Span("  ages by this clock", "warn")] if snapshot.read() else []
    apart = snapshot.clock_offset
    if abs(apart) <= CLOCK_APART:
        return []
    return [Span(f"  clock {formatting.age(round(abs(apart)))} {'behind' if apart > 0 else 'ahead'}", "warn")]
