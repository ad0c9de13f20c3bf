"""An event as a line: time, what, run, agent, how long it took, why. Long text is cut, never wrapped. Pure.

What is wrong is bold where it is new; what ended well is muted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.events import event_log as kinds
from flowtui.model.events.event_log import Event
from flowtui.model.events.folded import FoldedEvent
from flowtui.model.events.past_events import UNWATCHED
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED
from flowtui.text import short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

_TIME: Final = 8  # cells
_GAP: Final = 2

_ROLES: Final = {
    UNWATCHED: "dim",
    kinds.FINDING: "warn",
    kinds.OUTAGE: "bad",
    kinds.RECOVERY: "good",
    kinds.NOTICE: "focus",
    kinds.CANCEL: "other",
    kinds.INCIDENT: "bad",
    kinds.AWAY: "accent",
}
_WORDS: Final = {
    kinds.NOTICE: "notified",
    kinds.CANCEL: "cancel",
    kinds.INCIDENT: "flowtui",
    kinds.AWAY: "welcome back",
}
_QUIET: Final = frozenset({COMPLETED, CANCELLED, QUEUED})
"""Statuses of runs whose lines are muted: nothing is wrong, and nothing is alive."""


class Columns(NamedTuple):
    """The widths of the columns in cells, without the gap of two before each; 0: there is no room for the column."""

    what: int
    run: int
    agent: int
    took: int
    thread: int


def columns(cells: int) -> Columns:
    """Return the columns of lines of `cells` cells."""
    if cells >= 130:
        return Columns(18, 12, 16, 7, 12)
    if cells >= 100:
        return Columns(18, 12, 16, 7, 0)
    return Columns(13, 10, 10, 0, 0) if cells >= 72 else Columns(11, 0, 10, 0, 0)


class About(NamedTuple):
    """What a line says besides the event. `agent`: its name, "" if unknown; `took`: how long the run ran, or "".

    `why`: the reason of a failure, "" if there is none. `again`: a newer line has the same reason. `known`: whether the run
    is still known; if not, the event's own text says more.
    """

    agent: str = ""
    took: str = ""
    why: str = ""
    again: bool = False
    known: bool = False


def title_line(cells: int) -> Line:
    """Return the line of column titles, `cells` wide."""
    wide = columns(cells)
    titles = [f"  {'AT':<{_TIME}}", f"{'WHAT':<{wide.what}}"]
    titles += [f"{name:<{width}}" for name, width in (("RUN", wide.run), ("AGENT", wide.agent)) if width]
    titles += [f"{'TOOK':>{wide.took}}", "NOTE"] if wide.took else ["TOOK, NOTE"]
    text = (" " * _GAP).join(titles)
    if not wide.thread:
        return (Span(ink.fit(text, cells), "dim"),)
    room = cells - wide.thread - 1
    return (Span(f"{ink.fit(text, room)}{'THREAD':<{wide.thread}} ", "dim"),)


def event_line(folded: FoldedEvent, cells: int, about: About, *, glyphs: Glyphs, zone: tzinfo | None) -> Line:
    """Return an event as a line of `cells` cells.

    After the reason come earlier statuses of the run, if there is room. The times between which its status changed are shown
    in a line that would say nothing else.
    """
    event, wide = folded.event, columns(cells)
    role = _role(event)
    plain = "dim" if _muted(event) else "text"
    said = word(event)
    lead = [
        Span(f"  {formatting.clock(event.at, zone):<{_TIME}}{' ' * _GAP}", "dim"),
        Span(f"{sign(event, glyphs)} ", role),
        Span(ink.fit(said, max(wide.what - 2, ink.width((Span(said),)))), "dim" if _muted(event) else role),
        Span(" " * _GAP),
    ]
    tail: list[Span] = []
    if event.run and event.kind != kinds.NOTICE:
        long = len(said) > wide.what - 2  # then the line has no columns
        lead += [Span(f"{short_id(event.run)}  ", plain)] if long else _run_cells(event, about, wide, plain)
        if wide.thread:
            tail = [Span(f"  {ink.fit_id(short_id(event.thread), wide.thread)} ", "dim")]
    room = max(0, cells - ink.width(lead) - ink.width(tail))
    told = event_text(folded, about, took=not wide.took and not about.why)
    steps, between = _steps(folded, zone), _between(event, zone)
    told = _with(told, steps, room)
    if not told:
        told = _with(told, between, room)
    return (*lead, *_cut(told, room), *tail)


def _with(told: Sequence[Span], more: Sequence[Span], room: int) -> list[Span]:
    """Return `told` and, if there is room, `more` after it."""
    both = [*told, *([Span(" " * _GAP)] if told and more else ()), *more]
    return both if ink.width(both) <= room else list(told)


def _run_cells(event: Event, about: About, wide: Columns, plain: str) -> list[Span]:
    strong = "strong" if event.failure and not about.again else plain
    cells = []
    if wide.run:
        cells.append(Span(f"{ink.fit_id(short_id(event.run), wide.run)}{' ' * _GAP}", strong))
    cells.append(Span(f"{ink.fit(about.agent, wide.agent)}{' ' * _GAP}", strong))
    if wide.took:
        cells.append(Span(f"{ink.fit(about.took, wide.took, 'right')}{' ' * _GAP}", plain))
    return cells


def rule_line(words: str, cells: int, glyphs: Glyphs) -> Line:
    """Return a rule across the list as a line of `cells` cells."""
    said = ink.cut(f" {words} ", max(0, cells - 5))
    rest = max(0, cells - 4 - ink.width((Span(said),)))
    return ink.line((f"  {glyphs.track * 2}", "track"), (said, "dim"), (glyphs.track * rest, "track"))


def event_text(folded: FoldedEvent, about: About, *, took: bool = True) -> list[Span]:
    """Return what a line says: of a run why it failed, and with `took` how long it ran; of all else the event's text."""
    event = folded.event
    if event.kind == kinds.RUN:
        spans = [Span(about.took, "dim")] if took and about.took else []
        if about.why:
            spans += [Span("  ")] if spans else []
            spans.append(Span(about.why, "text" if about.again else "bad"))
        elif not about.known:
            spans.append(Span(event.text, "dim"))  # the run is not known any more, but its event tells more
        return spans
    role = "strong" if event.kind in (kinds.AWAY, kinds.OUTAGE) else "dim" if _muted(event) else "text"
    spans = [Span(event.text, role)]
    if event.kind in (kinds.OUTAGE, kinds.RECOVERY) and event.threads > 1:
        spans.insert(0, Span(f"{event.threads:,} threads: ", "strong"))
    return spans


def _steps(folded: FoldedEvent, zone: tzinfo | None) -> list[Span]:
    """Return the earlier statuses of the run, and when flowtui saw each: `queued 12:00:20 → running 12:00:40`."""
    steps = [f"{word(event)} {formatting.clock(event.at, zone)}" for event in folded.before]
    return [Span(" → ".join(steps), "dim")] if steps else []


def _between(event: Event, zone: tzinfo | None) -> list[Span]:
    """Return the times of the two observations between which a run changed; nothing if the first is unknown."""
    if event.kind != kinds.RUN or event.since is None:
        return []
    first, last = formatting.clock(event.since, zone), formatting.clock(event.at, zone)
    return [Span(f"between {first} and {last}", "dim")]


def detail_line(folded: FoldedEvent, cells: int, about: About, *, zone: tzinfo | None) -> Line:
    """Return all details of an event in one line, cut at `cells`."""
    event = folded.event
    spans = [Span(f" {formatting.timestamp(event.at, zone)}", "dim")]
    if shown_run(event):
        spans.append(Span(f"  {short_id(event.run)}", "strong"))
        spans.append(Span(f"  {about.agent}" if about.agent else "", "text"))
    if event.thread:
        spans.append(Span(f"  {short_id(event.thread)}", "dim"))
    told = event_text(folded, about._replace(again=False))
    for part in (told, _steps(folded, zone), _between(event, zone)):
        spans += [Span(" " * _GAP), *part] if part else []
    return tuple(_cut(spans, cells))


def shown_run(event: Event) -> str:
    """Return the id of the event's run; "" if the event is about no run, or if its text names the run already."""
    return "" if event.kind == kinds.NOTICE else event.run


def sign(event: Event, glyphs: Glyphs) -> str:
    """Return the sign of the event's kind; if the kind has no sign, the sign of the run's status."""
    signs = {
        UNWATCHED: glyphs.separator,
        kinds.FINDING: "!",
        kinds.OUTAGE: glyphs.failed,
        kinds.RECOVERY: glyphs.live,
        kinds.NOTICE: glyphs.pointer,
        kinds.CANCEL: glyphs.failed,
        kinds.INCIDENT: "!",
        kinds.AWAY: glyphs.pointer,
    }
    return signs.get(event.kind) or glyphs.status.get(event.status, glyphs.separator)


def word(event: Event) -> str:
    """Return what happened in a word or two, for the column WHAT."""
    if event.kind == kinds.FINDING:
        return event.word.replace("_", " ")
    if event.kind == kinds.RECOVERY:
        return "recovered" if event.word != "seen" else "seen again"
    return event.word if event.word == kinds.HELD else _WORDS.get(event.kind, event.word)


def _role(event: Event) -> str:
    return _ROLES.get(event.kind, event.status or "text")


def _muted(event: Event) -> bool:
    quiet = event.kind in (kinds.NOTICE, kinds.RECOVERY, UNWATCHED)
    return quiet or (event.kind == kinds.RUN and event.status in _QUIET and event.status != FAILED)


def _cut(spans: Sequence[Span], cells: int) -> list[Span]:
    """Return the spans, cut or padded to exactly `cells` cells."""
    kept: list[Span] = []
    for span in spans:
        wide = ink.width((span,))
        if wide > cells:
            kept.append(Span(ink.fit(span.text, cells), span.role))
            return kept
        kept.append(span)
        cells -= wide
    return [*kept, Span(" " * cells)] if cells else kept
