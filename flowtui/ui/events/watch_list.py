"""The list of all watches and of the rules of the config file, as entries of a menu. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from string import ascii_letters
from typing import Final

from flowtui import formatting
from flowtui.model.events.failure_watches import FailureWatch
from flowtui.model.events.gate_watch import GateWatch
from flowtui.model.events.notices import Watch
from flowtui.model.events.rules import RuleRow
from flowtui.text import short_id
from flowtui.ui.widgets.menu import Entry

Watched = Watch | FailureWatch | GateWatch
Listed = Watched | RuleRow
"""A watch, or a rule and how it stands."""

LETTERS: Final = "".join(letter for letter in ascii_letters if letter != "q")
"""The letters that choose an entry; `q` closes the menu. Further entries are not listed."""


def listed(watches: Sequence[Watched], rules: Iterable[RuleRow]) -> Mapping[str, Listed]:
    """Return letter → what it stands for: the watches, the newest first, and the rules."""
    newest = sorted(watches, key=lambda watch: -watch.began)
    return dict(zip(LETTERS, [*newest, *rules], strict=False))


def entry(letter: str, one: Listed, zone: tzinfo | None) -> Entry:
    """Return a watch or a rule as an entry: what is watched, since when, and when it was told last."""
    if isinstance(one, RuleRow):
        state = f"broken: {', '.join(one.broken)}" if one.broken else one.worst
        return Entry(letter, "broken" if one.broken else "rule", f"{one.rule.text} · {state}")
    since = formatting.clock(one.began, zone)[:5]
    if isinstance(one, GateWatch):
        return Entry(letter, "gate", f"{one.name} · since {since}")
    if isinstance(one, FailureWatch):
        told = "" if one.told_at is None else f", told {formatting.clock(one.told_at, zone)[:5]}"
        return Entry(letter, "agent" if one.reason is None else "reason", f"{one.name} · since {since}{told}")
    if one.key is not None:
        return Entry(letter, "run", f"{short_id(one.name)} · since {since}")
    return Entry(letter, "filter", f"{one.name} · since {since}")
