"""How fresh something is, in a word, wherever the screen says it. Pure."""

from __future__ import annotations

from flowtui import formatting
from flowtui.model.health import LIVE, LOADING, REFUSED, Health
from flowtui.ui.ink import Span


def health_words(health: Health, now: float) -> Span:
    """Return a health in a word, with how old the data is where it matters."""
    if health.word == LIVE:
        return Span("live", "good")
    if health.word == LOADING:
        return Span("loading", "dim")
    age = "" if health.since is None or health.word == REFUSED else f" {formatting.age(now - health.since)}"
    return Span(f"{health.word}{age}", "warn" if health.word in ("late", "stale") else "bad")
