"""The rows of the agent page: its reasons, what changed, its runs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final, NamedTuple

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.answers.agent.changes import ConfigChange
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.reasons import ReasonUse
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, QUEUED, Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.text import short_id
from flowtui.ui.agent.words import clock_text, difference_text, is_dated, when_text
from flowtui.ui.charts.columns import trend
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

_COUNT: Final = 6
_NUMBER_WIDTHS: Final = (9, 10, 4, 6, 8)  # cells of a run's status, id, age, duration and tokens
_LEAST_REASON: Final = 12
_REASON: Final = "removed"  # red without weight: the status before it is bold
_WIDE_WHEN: Final = 20

Raw = Callable[[RunKey], Mapping[str, Any] | None]
"""Returns the whole raw run, if it was fetched; else None."""


class Note(NamedTuple):
    """A line of reasons and changes. `what`: what it is about; None for a title or a remark, on which no cursor is."""

    line: Line
    what: ReasonUse | ConfigChange | Mark | None = None


class NoteStyle(NamedTuple):
    """What notes need besides the page."""

    cells: int
    signs: ChartSigns
    zone: tzinfo | None
    raw: Raw
    lines: int
    """The most lines of all notes."""
    airy: bool
    """Whether there is room for blank lines."""


def section(title: str, remark: str, cells: int, signs: ChartSigns) -> Line:
    """Return the title of a section, with a rule up to the right end."""
    head = (Span(title, "title"), Span(f"  {remark} ", "dim"))
    return (*head, Span(signs.track * max(0, cells - ink.width(head)), "track"))


def notes(page: AgentPage, style: NoteStyle) -> list[Note]:
    """Return its reasons and its changes, at most `style.lines` lines."""
    reasons, changes = _reasons(page, style), _changes(page, style)
    titles = 2 + (3 if style.airy else 0)
    room = max(2, style.lines - titles)
    few = min(len(changes), max(1, room * 2 // 5, room - len(reasons)))
    found = page.changes
    changed = len(found.releases) + len(found.configs) + found.more
    blank = [Note(ink.BLANK)] if style.airy else []
    return [
        Note(section("Its reasons", _found_words(page), style.cells, style.signs)),
        *blank,
        *_most(reasons, room - few, max(len(page.reasons.uses), 1)),
        *blank,
        Note(section("Changed", f"{changed:,} in {page.chosen.name}", style.cells, style.signs)),
        *blank,
        *_most(changes, few, changed),
    ]


def _most(found: Sequence[Note], most: int, count: int) -> list[Note]:
    """Return at most so many lines; if some are left out, the last line says how many, if it is not the only one.

    `count`: how many things there are; one line may be about several.
    """
    if len(found) <= most or most < 2:
        return list(found[: max(0, most)])
    left = count - most + 1
    return [
        *found[: most - 1],
        Note(ink.line((f"      and {left:,} more", "dim"), ("  tab", "key"), (" shows all", "dim"))),
    ]


def _reasons(page: AgentPage, style: NoteStyle) -> list[Note]:
    found = page.reasons
    if not found.uses:
        none = "none of the failed runs has a known reason" if found.unexplained else "no run failed"
        return [Note(ink.line((none, "dim")))]
    dated = is_dated(page)
    top = max((max(use.trend) for use in found.uses), default=0)
    said = [when_text(use, style.zone, dated=dated) for use in found.uses]
    late = min(_WIDE_WHEN, max(map(cell_len, said), default=0))
    return [
        Note(_reason(use, ink.fit(when, late), style, top), use)
        for use, when in zip(found.uses, said, strict=True)
    ]


def _found_words(page: AgentPage) -> str:
    """Return how many reasons there are, and of how many failed runs none is known yet."""
    found = page.reasons
    said = f"{len(found.uses):,} in the last {page.chosen.name}"
    if count := len(found.unexplained):
        said += f", of {formatting.plural(count, 'run')} none is known yet"
    return said


def _times(count: int) -> str:
    return ink.fit(f"{count:,}×", _COUNT - 2, "right") + "  "


def _reason(use: ReasonUse, when: str, style: NoteStyle, top: int) -> Line:
    """Return the line of a reason. `top`: the most runs in a cell of the trends of all reasons."""
    role = "other" if use.release else "dim"
    text = style.cells - _COUNT - len(use.trend) - 4 - cell_len(when)
    if text < _LEAST_REASON:
        return (Span(_times(len(use.runs)), "bad"), Span(ink.cut(use.reason.text, style.cells - _COUNT)))
    spans = [Span(_times(len(use.runs)), "bad"), Span(ink.fit(use.reason.text, text)), Span("  ")]
    small = trend(use.trend, "area-failed", max(1, top), style.signs)
    return (*spans, *small, Span("  "), Span(when, role))


def _changes(page: AgentPage, style: NoteStyle) -> list[Note]:
    changes = page.changes
    dated = is_dated(page)
    made: list[tuple[float, Note]] = []
    for mark in changes.releases:
        line = ink.line((f"{clock_text(mark.at, style.zone, dated=dated)}  ", "dim"), (mark.name, "other"))
        made.append((mark.at, Note(_cut(line, style.cells), mark)))
    for change in changes.configs:
        told = difference_text(style.raw(change.before), style.raw(change.run))
        line = ink.line(
            (f"{clock_text(change.at, style.zone, dated=dated)}  ", "dim"),
            ("config  ", "warn"),
            (told or f"{change.old} → {change.config}", "text" if told else "dim"),
        )
        made.append((change.at, Note(_cut(line, style.cells), change)))
    made.sort(key=lambda each: -each[0])
    found = [note for _, note in made]
    if changes.more:
        told = f"{changes.more:,} further changes of configuration, back and forth"
        found.append(Note(ink.line((ink.cut(told, style.cells), "dim"))))
    return found or [Note(ink.line(("no release, no change of configuration known", "dim")))]


def _cut(line: Line, cells: int) -> Line:
    found: list[Span] = []
    for span in line:
        found.append(Span(ink.cut(span.text, max(0, cells - ink.width(found))), span.role))
    return tuple(found)


def run_row(
    run: Run,
    cells: int,
    now: float,
    glyphs: Glyphs,
    *,
    reason: Reason | None,
    waits_for: str = "",
) -> Line:
    """Return the row of a run: status, id, age, duration, tokens, and why it failed or what it waits for.

    `waits_for`: the id of the run that holds the lock of its thread; "" if none does.
    """
    status, name, age, took, tokens = _NUMBER_WIDTHS
    role = run.status_class
    more = run.active and run.total_tokens is not None
    spans = [
        Span(f"{glyphs.status[role]} ", role),
        Span(ink.fit(run.status or role, status), role),
        Span(" "),
        Span(ink.fit_id(short_id(run.id), name), "strong" if run.active else "text"),
        Span(ink.fit(formatting.age(run.age(now)), age + 1, "right"), "dim"),
        Span(ink.fit(formatting.duration(run.duration(now)), took + 1, "right")),
        Span(ink.fit(formatting.count(run.total_tokens) + ("+" if more else ""), tokens + 1, "right")),
    ]
    room = cells - ink.width(spans) - 2
    if room < _LEAST_REASON:
        spans = spans[:-1] if room < -2 else spans
        room = cells - ink.width(spans) - 2
    if room >= _LEAST_REASON:
        if run.status_class == FAILED and reason is not None:
            spans += [Span("  "), Span(ink.cut(reason.text, room), _REASON)]
        elif run.status_class == QUEUED and waits_for:
            spans += [Span("  "), Span(ink.cut(f"waits for {waits_for}", room), "queued")]
    return tuple(spans)
