"""The words of the agent page: numbers, usual ranges, when a reason came, what changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.answers.agent import reasons
from flowtui.model.answers.agent.changes import DEPLOYED
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.reasons import ReasonUse
from flowtui.model.answers.agent.usual import COST, FAILED, P50, P95, STRETCHES, TOKENS, Comparison
from flowtui.model.diff.config_diff import config_changes
from flowtui.model.history.coverage import time_words

_DAY: Final = 86_400.0
_MANY_TIMES: Final = 9.95  # from here on without a digit after the point
_VALUE: Final = 24  # most characters of a changed value


def seconds_text(seconds: float | None) -> str:
    """Return a duration: `0.4s`, `9s`, `1m 30s`."""
    if seconds is None:
        return UNKNOWN
    return f"{seconds:.1f}s" if 0 < seconds < 1 else formatting.span(seconds)


def value_text(metric: str, value: float | None, currency: str, *, floor: bool = False) -> str:
    """Return a value of a metric; tokens and cost are those of an hour."""
    if metric == FAILED:
        return formatting.percent(value)
    if metric in (P50, P95):
        return seconds_text(value)
    if metric == TOKENS:
        return formatting.short_count(value)
    return formatting.money(value, currency, floor=floor)


def range_text(metric: str, low: float, high: float, currency: str) -> str:
    """Return a range: `1–4%`, `8–10s`, `130–340k`, `$0.09–0.24`; one value, if both look alike."""
    first, last = (value_text(metric, value, currency) for value in (low, high))
    if first == last:
        return first
    if metric == COST:
        sign = formatting.money(0.0, currency).removesuffix("0.00")
        return f"{first}–{last.removeprefix(sign)}"
    for unit in ("%", "s", "k", "M", "G"):
        if first.endswith(unit) and last.endswith(unit) and " " not in first + last:
            return f"{first.removesuffix(unit)}–{last}"
    return f"{first}–{last}"


def usual_text(page: AgentPage, metric: str, currency: str) -> str:
    """Return the usual range of a metric: `usual 1–4%`; `usual …` while it is read, `usual —` if too little is known."""
    found = page.compared.metrics[metric].usual
    if found is None:
        return "usual …" if not page.compared.read else f"usual {UNKNOWN}"
    return f"usual {range_text(metric, found.low, found.high, currency)}"


def times_text(found: Comparison) -> str:
    """Return how a value compares with what is usual: `10× usual`, `below usual`, `in range`; "" if that is unknown."""
    if found.usual is None or found.value is None:
        return ""
    if found.few:
        return "too few runs"
    if not found.outside:
        return "in range"
    times = found.times
    if times is None:
        return "above usual" if found.outside > 0 else "below usual"
    return f"{times:.0f}× usual" if times >= _MANY_TIMES else f"{times:.1f}× usual"


def stretch_text(page: AgentPage) -> str:
    """Return the time that the numbers beside the charts are of: `the last 2h`."""
    return f"the last {time_words(page.compared.last.seconds)}"


def basis_texts(page: AgentPage) -> Sequence[str]:
    """Return what `usual` rests on, in ever shorter forms."""
    found, name = page.compared, page.chosen.name
    length = time_words(found.last.seconds)
    if not found.read:
        return ("reading what is usual",)
    count, known = round(found.known / found.last.seconds), time_words(found.known)
    if all(each.usual is None for each in found.metrics.values()):
        before = known if found.known else "no time"
        return (
            f"usual is not known: {before} known before the last {name}, {STRETCHES} × {length} needed",
            f"usual is not known: {before} known before",
        )
    return (
        f"usual: the range that 8 in 10 of the {count} periods of {length} before were in",
        f"usual: 8 in 10 of {count} × {length} before",
    )


def clock_text(at: float, zone: tzinfo | None, *, dated: bool) -> str:
    """Return a time of day, such as `02:10`; `dated`: with its day."""
    clock = formatting.clock(at, zone)[:5]
    return f"{formatting.day(at, zone)} {clock}" if dated else clock


def since_text(release: str) -> str:
    """Return `since` and the name of a release."""
    return "since its deployment" if release == DEPLOYED else f"since {release}"


def when_text(use: ReasonUse, zone: tzinfo | None, *, dated: bool) -> str:
    """Return when a reason came: `since release-42`, `02:10 to 02:31`, `now and then`. `dated`: in days."""

    def said(at: float) -> str:
        return formatting.day(at, zone) if dated else clock_text(at, zone, dated=False)

    if use.when == reasons.ONCE:
        return clock_text(use.first, zone, dated=dated)
    if use.when == reasons.SINCE_RELEASE:
        return since_text(use.release)
    if use.when == reasons.SINCE:
        return f"since {said(use.first)}"
    if use.when == reasons.STRETCH:
        first, last = said(use.first), said(use.last)
        return first if first == last else f"{first} to {last}"
    return "now and then"


def is_dated(page: AgentPage) -> bool:
    """Whether times of the range need their day."""
    return page.chosen.seconds > _DAY


def difference_text(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """Return how the configurations of two raw runs differ: `temperature 0.4 → 0.7, tools +1`; "" if one is not loaded."""
    if before is None or after is None:
        return ""
    said = []
    for change in config_changes(before, after):
        if change.same:
            continue
        if change.tools:
            said.append(f"{formatting.plural(len(change.tools), 'tool')}: {change.tools[0].name}")
        elif len(change.before) == len(change.after) == 1 and all(
            len(side) <= _VALUE for side in (*change.before, *change.after)
        ):
            said.append(f"{change.name} {change.before[0]} → {change.after[0]}")
        else:
            said.append(change.name)
    return ", ".join(said)
