"""Words for the freshness of data and the state of the server, for all screens. Pure."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

from flowtui import formatting
from flowtui.model.state.health import (
    LATE,
    LIVE,
    LOADING,
    LOST,
    REFUSED,
    RESTORED,
    SEEN,
    STALE,
    Freshness,
    Health,
)
from flowtui.model.state.snapshot import Outage, Snapshot
from flowtui.ui.paint.ink import Span

CLOCK_APART: Final = 10.0
"""Seconds that this machine's clock may differ from the server's without a note in the header."""


def outage_word(outage: Outage) -> str:
    """Return what is wrong with the server: it is `down`, or `rate-limited`."""
    return "rate-limited" if outage.kind == "rate_limited" else "down"


def health_words(health: Health, now: float, zone: tzinfo | None = None, *, short: bool = False) -> Span:
    """Return a health in words, such as `live`, `late 12s`, `seen 3m ago` or `as of 18:42`.

    `now` is in local epoch seconds. `zone`: None for the local time zone. `short`: one word, if possible the age or the time.
    """
    if health.word == LIVE:
        return Span("live", "good")
    if health.word == LOADING:
        return Span("loading", "dim")
    if health.word == RESTORED and health.since is not None:
        words = formatting.as_of(health.since, now, zone, short=short)
        return Span(words.removeprefix("as of ") if short else words, "warn")
    if health.word == SEEN and health.since is not None:  # no error: the thread waits for its next poll
        age = formatting.age(now - health.since)
        return Span(age if short else f"seen {age} ago", "dim")
    role = "warn" if health.word in (LATE, STALE) else "bad"
    if health.since is None or health.word == REFUSED:
        # without data nothing can be stale
        return Span("no answer" if health.word in (LATE, STALE) else health.word, role)
    age = formatting.age(now - health.since)
    if not short:
        age = f"{health.word} {age}"
    elif health.word == LOST:  # it may have been read just now
        age = LOST
    return Span(age, role)


def clock_words(snapshot: Snapshot) -> list[Span]:
    """Return how far this machine's clock is off, if by more than `CLOCK_APART`; ages use the server's clock.

    If the server never sent its time, ages use this machine's clock, and a warning about that is returned.
    """
    if not snapshot.clock_known:
        return [Span("  ages by this clock", "warn")] if snapshot.read() else []
    apart = snapshot.clock_offset
    if abs(apart) <= CLOCK_APART:
        return []
    return [Span(f"  clock {formatting.age(round(abs(apart)))} {'behind' if apart > 0 else 'ahead'}", "warn")]


def restored_words(snapshot: Snapshot, fresh: Freshness, now: float, zone: tzinfo | None) -> str:
    """Return how many threads this start has not read yet: `212 of 1,000 threads as of 18:42`; "" if it has read all.

    The time is that of the thread that was read longest ago. It is left out if `fresh` as a whole is of that time.
    """
    if not fresh.restored:
        return ""
    share = f"{fresh.restored:,} of {formatting.plural(snapshot.coverage.threads, 'thread')}"
    return share if fresh.worst.word == RESTORED else f"{share} {_oldest(snapshot, now, zone)}"


def unread_words(snapshot: Snapshot, now: float, zone: tzinfo | None) -> str:
    """Return how many threads this start has not read yet, whatever their health; "" if it has read all."""
    covered = snapshot.coverage
    if not covered.restored:
        return ""
    return f"{covered.restored:,} of {covered.threads:,} threads {_oldest(snapshot, now, zone)}"


def _oldest(snapshot: Snapshot, now: float, zone: tzinfo | None) -> str:
    waiting = (
        state for state in snapshot.threads.values() if not state.gone
    )  # the others are not read again
    times = [state.restored for state in waiting if state.restored is not None]
    return formatting.as_of(min(times, default=now), now, zone)
