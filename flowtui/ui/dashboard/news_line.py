"""The line that says what is new and wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.answers.news import FailureNews
from flowtui.model.history.coverage import remembered_words
from flowtui.text import short_id
from flowtui.ui.keys.bindings import DASHBOARD, FAILURES, KEYS
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

_KEY: Final = next(key for key in KEYS if key.where == DASHBOARD and key.id == FAILURES)
_WIDE: Final = 100  # cells from which the line begins with when, and has details
_LEAST_REASON: Final = 16
_AGENTS: Final = 3  # agents that are named


class NewsContext(NamedTuple):
    """What the line depends on besides the news. `agents`: raw agent id → name. `now`: by the server's clock.

    `user_keys`: key id → the key that the user set for it.
    """

    agents: Mapping[str, str]
    now: float
    zone: tzinfo | None
    glyphs: Glyphs
    user_keys: Mapping[str, str]


def news_line(news: Sequence[FailureNews], cells: int, context: NewsContext) -> Line:
    """Return the line of at most `cells` cells; an empty one without news. Details without room are left out."""
    if not news:
        return ink.BLANK
    one, more = news[0], len(news) - 1
    left = [Span(f" {context.glyphs.up} ", "bad")]
    right = _key(context)
    if more and cells >= _WIDE:
        right = [Span(f"and {more} more  ", "dim"), *right]
    room = cells - ink.width(left) - 1
    if ink.width(right) + _LEAST_REASON + 12 > room:
        right = []
    room -= ink.width(right) + 1 if right else 0
    said = _share(one, context, room) if one.kind == "share" else _reason(one, context, cells, room)
    return ink.spread([*left, *said], [*right, Span(" ")] if right else right, cells)


def _key(context: NewsContext) -> list[Span]:
    return [Span(context.user_keys.get(_KEY.id, _KEY.shown), "key"), Span(f" {FAILURES}", "dim")]


def _reason(one: FailureNews, context: NewsContext, cells: int, room: int) -> list[Span]:
    """Return when a reason is new, how often it came, and its text; in a narrow line, when comes last."""
    text = one.reason.text if one.reason is not None else ""
    count, since = Span(f"{one.runs:,}{context.glyphs.failed} ", "bad"), _since(one, context.now)
    wide = cells >= _WIDE
    role = "bad" if wide else "warn" if one.mark is None else "other"
    when = [Span(f"{since}  " if wide else f"  {since}", role)]
    room -= cell_len(count.text)
    if room - ink.width(when) < min(_LEAST_REASON, cell_len(text)):
        when = []
    room -= ink.width(when)
    reason = Span(ink.cut(text, max(1, room)), "strong")
    said = [*when, count, reason] if wide else [count, reason, *when]
    return [*said, *(_details(one, context, room - cell_len(reason.text)) if wide else ())]


def _since(one: FailureNews, now: float) -> str:
    name = "" if one.mark is None else ink.cut(one.mark.name, 24)
    if one.kind == "first":
        return f"first {remembered_words(one.begin, now)}"
    if one.kind == "more":
        return f"more since {name}" if name else "more than in the day before"
    return f"new since {name}"


def _details(one: FailureNews, context: NewsContext, room: int) -> list[Span]:
    """Return what failed, whose runs, and when the first and the last of them failed, as far as there is room."""
    kind, _, tool = ("" if one.reason is None else one.reason.source).partition(" ")
    parts = [f"in {tool}"] if kind == "tool" and tool else []
    parts += _agents(one, context)
    parts.append(f"first {formatting.clock(one.first, context.zone)[:5]}")
    said: list[str] = []
    for part in parts:
        if 2 + cell_len(", ".join([*said, part])) > room:
            break
        said.append(part)
    return [Span(f"  {', '.join(said)}", "dim")] if said else []


def _agents(one: FailureNews, context: NewsContext) -> list[str]:
    named = one.agents[:_AGENTS]
    said = [
        f"{ink.cut(context.agents.get(each.key) or short_id(each.key) or formatting.UNKNOWN, 24)} {each.runs:,}"
        for each in named
    ]
    rest = len(one.agents) - len(named)
    return [*said, formatting.plural(rest, "more agent")] if rest else said


def _share(one: FailureNews, context: NewsContext, room: int) -> list[Span]:
    """Return how many of the ended runs failed, against the day before."""
    alone = _agents(one, context)[0].rpartition(" ")[0] if len(one.agents) == 1 else ""
    parts = [
        Span(f"{formatting.percent(one.share)} failed in the last 2h", "bad"),
        Span(f"  {formatting.percent(one.before)} in the day before", "strong"),
        Span(f"  {alone}" if alone else "", "strong"),
        Span(f"  {one.runs:,} of {formatting.plural(one.ended, 'run')}", "dim"),
    ]
    while len(parts) > 1 and ink.width(parts) > room:
        parts.pop()
    return [part._replace(text=ink.cut(part.text, max(1, room))) for part in parts if part.text]
