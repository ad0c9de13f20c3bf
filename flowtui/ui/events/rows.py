"""An event as a line: time, kind, run, text, thread. Long text is cut, never wrapped. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final

from flowtui import formatting
from flowtui.model.events import event_log as kinds
from flowtui.model.events.event_log import Event
from flowtui.model.events.past_events import UNWATCHED
from flowtui.text import short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

_WORD: Final = 16  # cells; a gap of two follows
_RUN: Final = 18  # cells; a gap of two follows
_THREAD: Final = 16  # cells, including a gap of two before the id
_WIDE: Final = 100  # a line of at least so many cells names the thread
_ROOMY: Final = 72  # in a line of at least so many cells, the run has a column of its own

RULE: Final = "rule"
"""The kind of an entry that is no event: a rule with the event's text."""

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
    kinds.NOTICE: "told",
    kinds.CANCEL: "cancel",
    kinds.INCIDENT: "flowtui",
    kinds.AWAY: "welcome back",
}


def title_line(cells: int, time_cells: int) -> Line:
    """Return the line of column titles, `cells` wide. `time_cells`: the width of the column of times."""
    run, thread = _run_cells(cells), _thread_cells(cells)
    titles = f" {'TIME':<{time_cells}}  {'WHAT':<{_WORD + 4}}" + (f"{'RUN':<{run + 2}}" if run else "")
    room = cells - len(titles) - thread
    return (Span(titles + ink.fit("", max(0, room)) + ("  THREAD" if thread else ""), "dim"),)


def event_line(
    event: Event,
    cells: int,
    time_cells: int,
    *,
    glyphs: Glyphs,
    zone: tzinfo | None,
    now: float,
    why: str = "",
) -> Line:
    """Return an event as a line of `cells` cells; its time takes `time_cells` of them.

    The date is shown too unless it is the date of `now` (UTC epoch seconds of this machine's clock). `why` is the
    reason of a failure, "" if there is none.
    """
    if event.kind == RULE:
        return _rule(event.text, cells, glyphs)
    role = _ROLES.get(event.kind, event.status or "text")
    spans = [
        Span(f" {ink.fit(time_text(event.at, now, zone), time_cells)}  ", "dim"),
        Span(f"{sign(event, glyphs)} ", role),
        Span(f"{ink.fit(word(event), _WORD)}  ", role),
    ]
    run, thread = _run_cells(cells), _thread_cells(cells)
    if run:
        spans.append(Span(f"{ink.fit_id(short_id(event.run), run)}  ", "strong"))
    elif shown_run(event):
        spans.append(Span(f"{ink.cut_id(short_id(event.run), _RUN)} ", "strong"))
    room = max(0, cells - ink.width(spans) - thread)
    told = event_text(event, why)
    between = _between(event, zone)
    if ink.width((*told, *between)) <= room:
        told += between
    tail = [Span(f"  {ink.fit_id(short_id(event.thread), thread - 2)}", "dim")] if thread else []
    return (*spans, *_cut(told, room), *tail)


def _rule(text: str, cells: int, glyphs: Glyphs) -> Line:
    words = ink.cut(f" {text} ", max(0, cells - 4))
    rest = max(0, cells - 3 - ink.width((Span(words),)))
    return ink.line((f" {glyphs.track * 2}", "track"), (words, "dim"), (glyphs.track * rest, "track"))


def event_text(event: Event, why: str) -> list[Span]:
    """Return the text of an event; before it the number of threads, for an outage; after it `why`, the reason of a failure."""
    spans = [Span(event.text, "strong" if event.kind in (kinds.AWAY, kinds.NOTICE) else "text")]
    if event.kind in (kinds.OUTAGE, kinds.RECOVERY) and event.threads > 1:
        spans.insert(0, Span(f"{event.threads:,} threads: ", "strong"))
    if why:
        spans.append(Span(f": {why}", "bad"))
    return spans


def _between(event: Event, zone: tzinfo | None) -> list[Span]:
    """Return the times of the two observations between which a run changed; nothing if the first is unknown."""
    if event.kind != kinds.RUN or event.since is None:
        return []
    return [
        Span(f"  between {formatting.clock(event.since, zone)} – {formatting.clock(event.at, zone)}", "dim")
    ]


def detail_line(event: Event, cells: int, *, zone: tzinfo | None, why: str) -> Line:
    """Return all details of an event in one line, cut at `cells`."""
    if event.kind == RULE:
        return tuple(_cut([Span(f" {event.text}", "dim")], cells))
    spans = [Span(f" {formatting.timestamp(event.at, zone)}  ", "dim")]
    if shown_run(event):
        spans.append(Span(f"{short_id(event.run)}  ", "strong"))
    if event.thread:
        spans.append(Span(f"{short_id(event.thread)}  ", "dim"))
    return tuple(_cut([*spans, *event_text(event, why), *_between(event, zone)], cells))


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


def time_text(at: float, now: float, zone: tzinfo | None) -> str:
    """Return the time of an event with seconds; if it was not on the day of `now`, the date and the time without seconds."""
    clock = formatting.clock(at, zone)
    return clock if _day(at, zone) == _day(now, zone) else f"{_day(at, zone)} {clock[:5]}"


def time_width(at: float, now: float, zone: tzinfo | None) -> int:
    """Return how many cells the result of `time_text` takes."""
    return len(time_text(at, now, zone))


def _day(at: float, zone: tzinfo | None) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%m-%d}"


def _run_cells(cells: int) -> int:
    return _RUN if cells >= _ROOMY else 0


def _thread_cells(cells: int) -> int:
    return _THREAD if cells >= _WIDE else 0


def _cut(spans: list[Span], cells: int) -> list[Span]:
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
