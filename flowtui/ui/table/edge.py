"""The texts on the bottom edge of the table's frame: the newest release on the left, what waits on the right. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui import formatting
from flowtui.model.answers.since_release import Side, SinceRelease
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.frame_titles import BETWEEN

_NAME: Final = 24  # cells of the name of a release
APPLIES: Final = "press . to update"
"""What the user can do about changes that wait."""

_KEY: Final = "."
QUIET: Final = ("unknown", "watched", "selected")
"""How parts end that only inform."""

_WORSE: Final = 2.0  # times the share before: from here on the share since a release meets the eye


def release_texts(found: SinceRelease, whose: str, now: float, signs: ChartSigns) -> Sequence[Line]:
    """Return what is known since the newest release, the longest text first. `whose`: whose runs count, "" for all."""
    mark, since, before, least, before_least = found
    name = Span(ink.cut(mark.name, _NAME), "other")
    age = f" {formatting.age(now - mark.at)} ago"
    said = f"{'at least ' if least else ''}{formatting.plural(since.runs, 'run')}"
    share = _share(since, before)
    head = (Span(f"{signs.tick} ", "other"), name, Span(age, "dim"))
    counted = Span(f", {said} {f'of {whose} ' if whose else ''}since", "dim")
    if share is None:
        return [(*head, counted), head]
    told = f"of the {before.ended:,} known before" if before_least else "in the day before"
    earlier = Span(f", {formatting.percent(before.share)} {told}", "dim")
    ended = "" if since.ended == since.runs else f", {since.ended:,} ended"  # the share is of these
    full = (*head, counted, Span(f"{ended}: ", "dim"), share)
    return [
        *([(*full, earlier)] if before.share is not None else []),
        full,
        (*head, Span(", ", "dim"), share, Span(" since", "dim")),
        head,
    ]


def _share(since: Side, before: Side) -> Span | None:
    if since.share is None:
        return None
    worse = since.failed and (before.share is None or since.share >= _WORSE * before.share)
    return Span(f"{formatting.percent(since.share)} failed", "bad" if worse else "text")


def waiting_text(text: str) -> Line:
    """Return the text of the right end with roles: what only informs is dim, and a key looks like one."""
    spans: list[Span] = []
    for place, part in enumerate(text.split(BETWEEN)):
        if place:
            spans.append(Span(BETWEEN, "dim"))
        told, applies, rest = part.partition(APPLIES)
        spans.append(Span(told, "dim" if part.endswith(QUIET) else "warn"))
        if applies:
            before, key, after = APPLIES.partition(_KEY)
            spans += [Span(before, "dim"), Span(key, "key"), Span(after + rest, "dim")]
    return tuple(span for span in spans if span.text)
