"""How fresh something is, in a word, wherever the screen says it. Pure."""

from __future__ import annotations

from flowtui import formatting
from flowtui.model.health import LIVE, LOADING, REFUSED, Health
from flowtui.model.snapshot import Outage
from flowtui.ui.ink import Span


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
    age = "" if health.since is None or health.word == REFUSED else f" {formatting.age(now - health.since)}"
    return Span(f"{health.word}{age}", "warn" if health.word in ("late", "stale") else "bad")
