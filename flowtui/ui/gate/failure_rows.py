"""The section of new failures: reasons that the base does not have, whose runs they are, and when they came. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from flowtui import formatting
from flowtui.model.answers.gate.new_failures import FailuresSince, NewFailure
from flowtui.model.answers.gate.page import GatePage
from flowtui.model.answers.reason_news import recent_words
from flowtui.model.history.coverage import remembered_words
from flowtui.model.history.past import Seen
from flowtui.model.reasons.reason import Reason
from flowtui.text import cell_width, safe_text
from flowtui.ui.charts.columns import trend
from flowtui.ui.charts.scale import largest
from flowtui.ui.charts.section import section_line
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.gate.style import Style
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_TREND: Final = (12, 24)  # least and most cells of a trend
_LEAST_TEXT: Final = 30  # cells of a reason beside its trend
_MOST: Final = 8  # new reasons
_WHO: Final = 4  # agents of a reason
_KNOWN: Final = 36  # cells of a reason that the base has too


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the history knows of the new reasons.

    `begin`: since when runs are remembered, in UTC epoch seconds by the server's clock; None if nothing is. `seen`: of the
    reasons that were seen before the mark, when that was. `looked_up`: the reasons that were looked up; of others it is not
    known whether they were seen.
    """

    begin: float | None = None
    seen: Mapping[Reason, Seen] = field(default_factory=dict)
    looked_up: Collection[Reason] = frozenset()


NOTHING: Final = Remembered()


@dataclass(frozen=True, slots=True)
class Since:
    """Since when the failures are told.

    `name`: that of the mark. Times are UTC epoch seconds by the server's clock: `begin` of the base, `at` of the mark, and `now`,
    the end of the new side.
    `unsure`: some runs of the base, or their reasons, are unknown, so a reason may be an old one.
    """

    name: str
    begin: float
    at: float
    now: float
    remembered: Remembered = NOTHING
    unsure: bool = False


def since_of(page: GatePage, failures: FailuresSince, remembered: Remembered) -> Since:
    """Return since when the failures of a page are told."""
    question, sides = page.answer.question, page.answer.sides
    return Since(
        question.mark.name,
        sides.base.since,
        question.mark.at,
        sides.new.until,
        remembered,
        bool(sides.missing) or bool(failures.unexplained_base),
    )


def failure_lines(found: FailuresSince, since: Since, cells: int, style: Style) -> list[Line]:
    """Return the section in `cells` cells."""
    title, remark = title_words(found, since)
    lines = [section_line(title, remark, cells, style.signs)]
    shown = found.new[:_MOST]
    count = max((len(f"{each.runs:,}×") for each in shown), default=0) + 2
    chart = min(_TREND[1], cells - count - 2 - _LEAST_TEXT)
    chart = chart if chart >= _TREND[0] else 0
    axis = TimeAxis.growing(since.at, max(since.now, since.at + 1), chart)
    counts = [axis.counts(each.times, since.at) for each in shown]
    top = style.scales.top("new failures", largest(*counts), "count")
    role = "area-plain" if style.quiet else "area-failed"
    for each, values in zip(shown, counts, strict=True):
        text = cells - count - (chart + 2 if chart else 0)
        head = _reason(each, count, text, style)
        lines.append((*head, Span("  "), *trend(values, role, top, style.signs)) if chart else head)
        lines.append(_where(each, since, count, cells, style))
    if (more := len(found.new) - len(shown)) > 0:
        lines.append((Span(f"{' ' * count}and {more:,} more new reasons", "dim"),))
    return [*lines, *_rest(found, count, cells)]


def title_words(found: FailuresSince, since: Since) -> tuple[str, str]:
    """Return the section's title, and which reasons it lists; "" if it lists none."""
    remark = f"reasons not {'seen ' if since.unsure else ''}in the base" if found.new else ""
    return f"Failures since {since.name}", remark


def _reason(each: NewFailure, count: int, room: int, style: Style) -> Line:
    number = Span(ink.fit(f"{each.runs:,}×", count - 2, "right"), "dim" if style.quiet else "bad")
    return (number, Span(f"  {ink.fit(safe_text(each.reason.text), room)}", "strong"))


def _where(each: NewFailure, since: Since, count: int, cells: int, style: Style) -> Line:
    """Return the line below a reason: whose runs these are, and whether it was seen before."""
    words, is_new = news_words(each, since, style.zone)
    sign = f"{style.glyphs.up} " if is_new else ""
    news = Span(f"   {sign}{words}", "other" if is_new and not style.quiet else "dim")
    room = max(8, cells - count - ink.width([news]))
    texts = [_who(each, most) for most in range(_WHO, 0, -1)]
    who = next((text for text in texts if cell_width(text) <= room), ink.cut(texts[-1], room))
    return (Span(" " * count), Span(who, "dim"), news)


def _who(each: NewFailure, most: int) -> str:
    """Return at most `most` agents and how many of the runs are theirs: `triage 18, research 5 and 2 more`."""
    parts = [f"{name or formatting.UNKNOWN} {count:,}" for name, count in each.agents[:most]]
    more = len(each.agents) - len(parts)
    return ", ".join(parts) + (f" and {more:,} more" if more > 0 else "")


def news_words(each: NewFailure, since: Since, zone: tzinfo | None) -> tuple[str, bool]:
    """Return what else is known of a reason that the base does not have: its last time; and whether it is surely new.

    `last seen at 06:00, before the base`, `first in the 9 days remembered`, `new`, `perhaps new`.
    """
    remembered = since.remembered
    seen = remembered.seen.get(each.reason)
    if seen is not None:
        at = recent_words(seen.last, since.now, zone)
        when = f"{'at' if ':' in at else 'on'} {at}"
        # A run that was created before the base, and is none of its runs, may have failed within it.
        return f"last seen {when}{', before the base' if seen.last < since.begin else ''}", False
    begin, perhaps = remembered.begin, "perhaps " if since.unsure else ""
    if each.reason in remembered.looked_up and begin is not None and begin < since.at:
        return f"{perhaps}first {remembered_words(begin, since.now)}", not since.unsure
    return f"{perhaps}new", not since.unsure


def others_words(found: FailuresSince) -> list[str]:
    """Return what else is to be said: reasons that the base has too, and runs without a known reason."""
    said: list[str] = []
    if not found.new:
        if not found.failed:
            said.append("no run failed since")
        elif not found.unexplained:
            said.append("none: the base has all of these reasons")
    if found.known:
        told = ", ".join(
            f"{ink.cut(safe_text(reason.text), _KNOWN)} {count:,}×" for reason, count in found.known[:3]
        )
        more = f" and {len(found.known) - 3:,} more" if len(found.known) > 3 else ""
        said.append(f"in the base too: {told}{more}")
    if found.unexplained:
        said.append(f"reason not known yet: {formatting.plural(found.unexplained, 'failed run')}")
    if found.new and found.unexplained_base:
        runs = formatting.plural(found.unexplained_base, "failed run")
        said.append(f"may be in the base too: {runs} there, reason not known")
    return said


def _rest(found: FailuresSince, indent: int, cells: int) -> list[Line]:
    pad = (Span(" " * indent),)
    return [line for text in others_words(found) for line in ink.paragraph(text, "dim", cells, pad)[:2]]
