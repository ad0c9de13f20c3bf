"""The sections of the brief as tables of text, for plain text and Markdown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.formatting import UNKNOWN, count, percent
from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.long_runs import LongRun
from flowtui.model.answers.brief.moments import short_time
from flowtui.model.answers.brief.outcomes import columns
from flowtui.model.answers.brief.remarks import (
    amount_words,
    before_words,
    change_words,
    last_words,
    outcome_words,
    reason_words,
    seen_words,
    spent,
    tokens_words,
    usual_time,
    wasted_words,
)
from flowtui.model.answers.brief.spend import Spend
from flowtui.model.answers.brief.wording import short_name
from flowtui.model.export.brief.released import released
from flowtui.text import short_id

AGENTS: Final = 10
"""Most agents that are listed."""
REASONS: Final = 6
"""Most reasons that are listed."""
DEPLOYED: Final = 8
"""Most releases that are listed, the newest."""

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_COLUMNS: Final = 60  # cells of the chart


class Cells(NamedTuple):
    """A table. `head`: the titles of its columns, () for none. `right`: which of them are aligned to the right."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[bool] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the brief: a title, a remark beside it, a table, and a line below it."""

    title: str
    remark: str
    cells: Cells
    below: str = ""


def sections(brief: Brief, zone: tzinfo | None) -> list[Section]:
    """Return the sections that have something to say."""
    found = [_outcomes(brief, zone), _agents(brief), _reasons(brief, zone), _spend(brief), _time(brief, zone)]
    return [section for section in (*found, _deployed(brief, zone)) if section.cells.rows]


def _outcomes(brief: Brief, zone: tzinfo | None) -> Section:
    remark = ", ".join(filter(None, outcome_words(brief)))
    if not brief.counts.ended:
        return Section("Outcomes", remark, Cells((), ()))
    found = columns(brief.data, _COLUMNS)
    top = max(1, *(max(one.completed, one.failed) for one in found))
    rows = [
        ("completed", "".join(_block(one.completed, top) for one in found)),
        ("failed", "".join(_block(one.failed, top) for one in found)),
    ]
    begin, end = (short_time(at, brief.data.now, zone) for at in (brief.data.since, brief.data.until))
    axis = f"{begin}{end:>{max(0, _COLUMNS - len(begin))}}"
    return Section("Outcomes", remark, Cells((), [*rows, ("", axis)]))


def _block(number: int, top: int) -> str:
    return _BLOCKS[0 if not number else max(1, round(number / top * (len(_BLOCKS) - 1)))]


def _agents(brief: Brief) -> Section:
    rows = [
        (
            one.name,
            count(one.runs),
            count(one.failed),
            percent(one.share),
            percent(one.usual.share) if one.usual is not None else UNKNOWN,
        )
        for one in brief.agents[:AGENTS]
    ]
    more = len(brief.agents) - len(rows)
    below = f"and {formatting.plural(more, 'more agent')}" if more > 0 else ""
    head = ("AGENT", "ENDED", "FAILED", "SHARE", "USUAL")
    return Section("Agents", "", Cells(head, rows, (False, True, True, True, True)), below)


def _reasons(brief: Brief, zone: tzinfo | None) -> Section:
    rows = [
        (
            f"{count(row.runs)}x",
            "new" if row.new else "",
            row.reason.text,
            seen_words(row, brief, zone),
        )
        for row in brief.reasons[:REASONS]
    ]
    if not rows and brief.unexplained:
        rows = [(f"{count(brief.unexplained)}x", "", "no known reason yet", "")]
    return Section("Reasons", reason_words(brief), Cells((), rows, (True, False, False, False)))


def _spend(brief: Brief) -> Section:
    spending = brief.spending
    if not brief.counts.ended:
        return Section("Spend", "", Cells((), ()))
    before = spending.before
    rows = [_spent("spent", spending.now)]
    if before is not None and before.runs:
        rows += [_spent("before", before), ("change", change_words(spending.change) or UNKNOWN)]
    most = [f"{short_name(one.name)} {amount_words(one.now)}" for one in spending.agents[:2]]
    grown = spending.grown
    below = f"most: {', '.join(most)}" if most else ""
    if grown is not None:
        below += f"; more in {short_name(grown.name)}, {change_words(grown.change)}"
    return Section("Spend", before_words(brief), Cells((), rows), below)


def _spent(title: str, spend: Spend) -> tuple[str, ...]:
    money = (spent(spend),) if spend.amount is not None else ()
    return (title, *money, tokens_words(spend), wasted_words(spend))


def _time(brief: Brief, zone: tzinfo | None) -> Section:
    rows = [
        (title if not place else "", *_long(one, brief, zone))
        for title, found in (("slowest", brief.slowest), ("queued", brief.waited))
        for place, one in enumerate(found)
    ]
    return Section("Time", "slowest, and longest in the queue", Cells((), rows, (False, False, False, True)))


def _long(one: LongRun, brief: Brief, zone: tzinfo | None) -> tuple[str, ...]:
    ended = last_words(one.run.ended, brief, zone)
    return (
        short_id(one.run.id),
        brief.data.name(one.run.agent_id),
        formatting.span(one.seconds),
        usual_time(one),
        f"{ended} {one.run.status_class}",
    )


def _deployed(brief: Brief, zone: tzinfo | None) -> Section:
    now = brief.data.now
    rows = [
        (short_time(one.at, now, zone), one.name, one.verdict.shown if one.verdict is not None else "")
        for one in released(brief, DEPLOYED)
    ]
    more = len(brief.releases) + len(brief.changes or ()) - len(rows)
    return Section("Released", "", Cells((), rows), f"and {count(more)} more" if more else "")
