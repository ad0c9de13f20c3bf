"""Reasons of failures in words, for the lines of single failures and for the end of a watch. All words are display-safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flowtui import formatting
from flowtui.text import cell_width, safe_text, short_id, shorten
from flowtui.watch import events
from flowtui.watch.events import Event
from flowtui.watch.reason_numbers import Mention

MOST: Final = 10
"""Most reasons that the end of a watch lists."""

_MOST_AGENTS: Final = 4
_SHOWN: Final = 160  # characters of one reason
_STATES: Final = {
    events.AWAITED: "reason not known yet",
    events.NOT_FOUND: "no reason found",
    events.NOT_FETCHED: "reason not read: too many failures",
}


def state_words(state: str) -> str:
    """Return why the reason of a failure is not known."""
    return _STATES.get(state, "")


def again_words(mention: Mention, times: str = "x") -> str:
    """Return the words for a repeated reason, such as `#1 again, 4x, now in billing too`. `times`: the sign after a count."""
    news = f", now in {mention.agent} too" if mention.agent else ""
    return f"#{mention.number} again, {mention.runs:,}{times}{news}"


def failure_words(event: Event) -> str:
    """Return the reason of a failure for its line of the formats that scripts read, which always has the whole text."""
    why, mention = event.why, event.mention
    if why is None:
        return state_words(event.reason_state)
    if mention is None:
        return why.reason
    if mention.first:
        count = f", {mention.runs:,}x" if mention.runs > 1 else ""
        return f"#{mention.number}{count} {why.reason}"
    return f"{again_words(mention)}: {why.reason}"


def agents_words(agents: Sequence[Mapping[str, Any]], most: int = _MOST_AGENTS) -> str:
    """Return which agents' runs failed for a reason, such as `checkout 2, billing 1`; a single agent without a number."""
    names = [(safe_text(each["agent"] or short_id(each["agent_id"])), each["count"]) for each in agents]
    if len(names) == 1:
        return names[0][0]
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"{name} {count:,}" for name, count in names[:most]) + rest


def agents_within(agents: Sequence[Mapping[str, Any]], cells: int, most: int = _MOST_AGENTS) -> str:
    """Return the same in at most `cells` cells, with fewer agents where there is no room; one is always named."""
    texts = [agents_words(agents, number) for number in range(most, 0, -1)]
    return next((text for text in texts if cell_width(text) <= cells), texts[-1])


def new_words(reason: Mapping[str, Any], *, compared: bool) -> str:
    """Return `new` if the base does not have this reason, `perhaps new` if that is not certain; "" if it is not new.

    `compared`: whether there is a base.
    """
    if not compared:
        return ""
    return {True: "new", False: ""}.get(reason["new"], "perhaps new")


def text_of(reason: Mapping[str, Any]) -> str:
    """Return the folded text of a reason, shortened."""
    return shorten(safe_text(reason["text"]), _SHOWN)


def unknown_words(number: int) -> str:
    """Return for how many failed runs no reason is known."""
    return f"not known of {formatting.plural(number, 'failed run')}"


def first_words(first: Mapping[str, Any], clock: str) -> str:
    """Return when the first run failed, such as `02:06:08, 2m 08s after release-42`. `clock`: the time of day."""
    after = first["after_s"]
    if after is None or after < 0:
        return clock
    return f"{clock}, {formatting.span(after)} after {safe_text(first['mark'] or '--since')}"


def outage_words(fields: Mapping[str, Any]) -> str:
    """Return the outages of a watch, such as `1 outage of 10s`."""
    count, seconds = fields["outages"]["count"], fields["outages"]["seconds"]
    if not count:
        return "no outage"
    took = f" of {formatting.span(seconds)}{' in all' if count > 1 else ''}" if seconds else ""
    return f"{formatting.plural(count, 'outage')}{took}"
