"""Short texts about the numbers of the brief, for the screen and for text. Pure."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from flowtui import formatting
from flowtui.formatting import UNKNOWN, count, money, percent, plural, short_count
from flowtui.model.answers.brief.base import DAYS
from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.long_runs import LongRun
from flowtui.model.answers.brief.moments import day_time, length_words, short_time
from flowtui.model.answers.brief.reason_rows import ReasonRow
from flowtui.model.answers.brief.spend import Spend
from flowtui.model.history.coverage import time_words
from flowtui.text import short_id


class Named(NamedTuple):
    """What the time range is called."""

    name: str
    """`since you left`, `last 12h`, `since`."""
    since: float
    until: float
    goes_on: bool = True
    """Whether the range reaches to the present."""


def title_words(range_: Named, zone: tzinfo | None) -> str:
    """Return the title: `since you left, Tue 24 Nov 18:02, 13h 43m`, `last 12h, Tue 24 Nov 18:02`."""
    begin, seconds = day_time(range_.since, zone), length_words(range_.since, range_.until)
    joint = " " if range_.name == "since" else ", "
    end = "" if range_.goes_on else f" to {day_time(range_.until, zone)}"
    return f"{range_.name}{joint}{begin}{end}" + (
        "" if range_.name.endswith(f" {seconds}") else f", {seconds}"
    )


def outcome_words(brief: Brief) -> tuple[str, str, str]:
    """Return how many runs ended, the share that failed, and the usual share: `1,898 runs ended`, `6% failed`, `usual 2%`."""
    counts = brief.counts
    usual = brief.data.usual_share
    return (
        f"{plural(counts.ended, 'run')} ended",
        f"{percent(counts.share)} failed" if counts.ended else "",
        f"usual {percent(usual)}" if usual is not None else "",
    )


def usual_words(brief: Brief) -> str:
    """Return from when on the runs say what is usual: `usual: of the 7 days before`; "" if nothing is known."""
    begin = brief.data.usual_since
    if begin is None or not brief.data.usual:
        return ""
    seconds = brief.data.since - begin
    days = round(seconds / 86_400)
    return (
        f"usual: of the {plural(min(days, DAYS), 'day')} before"
        if days >= 2
        else f"usual: of the {time_words(seconds)} before"
    )


def reason_words(brief: Brief) -> str:
    """Return how many reasons there are: `2 new of 9 reasons, of 3 runs none is known yet`."""
    rows, new = len(brief.reasons), brief.new_reasons
    known = bool(rows) and any(row.new or row.seen is not None for row in brief.reasons)
    said = f"{count(new)} new of {plural(rows, 'reason')}" if known else plural(rows, "reason")
    if brief.unexplained:
        said += f", of {plural(brief.unexplained, 'run')} none is known yet"
    return said


def seen_words(row: ReasonRow, brief: Brief, zone: tzinfo | None) -> str:
    """Return when a reason was last seen: `to 03:12`, `goes on`, `last 06:31`."""
    if row.over is False:
        return "goes on"
    last = short_time(row.times[-1], brief.data.now, zone)
    # A run may have failed for it after its sentence says that it went.
    ends = (one.until for one in brief.sentences if one.reason == row.reason)
    gone = row.over and not any(until is not None and until < row.times[-1] for until in ends)
    return f"to {last}" if gone else f"last {last}"


def spent(spend: Spend) -> str:
    """Return what was spent: `≥$5.21`, else `9.9M tokens`."""
    if spend.costs is not None and spend.costs.total.amount is not None:
        return spend.costs.total.text()
    return tokens_words(spend)


def tokens_words(spend: Spend) -> str:
    """Return tokens: `9.9M tokens`; `≥9.9M tokens` if some runs reported none."""
    floor = "≥" if spend.reported < spend.runs and spend.tokens is not None else ""
    return f"{floor}{short_count(spend.tokens)} tokens"


def change_words(change: float | None) -> str:
    """Return by how much something is more: `+21%`, `-4%`; "" if that is unknown."""
    if change is None:
        return ""
    return f"{change:+.0%}" if change < 10 else f"{change + 1:.0f} times"


def wasted_words(spend: Spend) -> str:
    """Return which share of the tokens failed and cancelled runs used: `11% wasted`; "" if unknown."""
    return "" if spend.wasted is None else f"{percent(spend.wasted)} wasted"


def amount_words(spend: Spend) -> str:
    """Return the cost of an agent, or its tokens: `$2.05`, `410k`."""
    if spend.costs is not None and spend.costs.total.amount is not None:
        return money(spend.costs.total.amount, spend.costs.total.currency, floor=spend.costs.total.floor)
    return short_count(spend.tokens)


def before_words(brief: Brief) -> str:
    """Return with which hours the spend is compared: `against the same hours before, from Mon 23 Nov 18:02`."""
    days = (
        0 if brief.data.before_since is None else round((brief.data.since - brief.data.before_since) / 86_400)
    )
    if not days:
        return "nothing to compare with"
    when = "the same hours a day before" if days == 1 else f"the same time {days} days before"
    before = brief.spending.before
    return f"against {when}" if before is not None and before.runs else f"no run ended in {when}"


def usual_time(run: LongRun) -> str:
    """Return how long such a run usually takes: `usual 1m 05s`; "" if unknown."""
    return "" if run.usual is None else f"usual {formatting.span(run.usual.median)}"


def open_words(brief: Brief) -> tuple[str, str]:
    """Return what is still open, and what of it is longer than usual: `11 active, oldest 2m`, `1 longer than usual run_1`."""
    found = brief.open
    active = found.queued + found.running
    if not active:
        return "nothing is active", ""
    oldest = f", oldest {formatting.age(found.oldest.seconds)}" if found.oldest is not None else ""
    longer = ""
    if found.longer:
        names = " ".join(short_id(one.run.id) for one in found.longer[:2])
        longer = f"{count(len(found.longer))} longer than usual: {names}"
    queued = f", {count(found.queued)} queued" if found.queued else ""
    return f"{count(active)} active{queued}{oldest}", longer


def rest_words(brief: Brief) -> str:
    """Return on what the brief rests: on how many runs, of which threads, and what is not known of them."""
    counts = brief.counts
    said = f"Rests on {plural(counts.runs, 'run')} of {plural(brief.threads, 'thread')}"
    said += f", {count(brief.read)} of them read after the gap." if brief.read else "."
    if brief.unreported:
        said += f" {plural(brief.unreported, 'run')} did not report tokens."
    if counts.unknown:
        said += f" Of {plural(counts.unknown, 'run')} it is unknown whether they ended."
    usual = usual_words(brief)
    return f"{said} {usual.capitalize()}." if usual else said


def last_words(at: float | None, brief: Brief, zone: tzinfo | None) -> str:
    """Return a time of the range; `—` if unknown."""
    return UNKNOWN if at is None else short_time(at, brief.data.now, zone)
