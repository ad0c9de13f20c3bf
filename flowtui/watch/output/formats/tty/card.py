"""The card at the end of a watch: verdict and exit code, the gate, reasons, the first failed run, what to do next.

It is made of the fields of the summary, and fits into the width of the terminal. Only its banner is a solid area.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import tzinfo
from typing import Any, Final, NamedTuple

from flowtui import formatting
from flowtui.model.run.element import parse_time
from flowtui.text import cell_width, safe_text, short_id
from flowtui.watch.events import Event
from flowtui.watch.output.formats.reason_words import (
    agents_within,
    first_words,
    new_words,
    outage_words,
    text_of,
    unknown_words,
)
from flowtui.watch.output.formats.tty.signs import Signs
from flowtui.watch.output.formats.tty.spans import Line, cut, fit, padded, width, wrap
from flowtui.watch.output.formats.tty.verdict_signs import verdict_sign, verdict_tone, verdict_word
from flowtui.watch.output.terminal import Span

_LABEL: Final = 16
_WIDEST: Final = 100  # cells of the card
_MOST_ROWS: Final = 6  # comparisons of a gate
_MOST_REASONS: Final = 6
_MOST_FAILED: Final = 3
_BANNER_LINES: Final = 4
_TEXT: Final = 60  # cells of a reason beside which its agents are
_MARGIN: Final = 2  # cells between frame and text
_WATCHED: Final = "watched"
_NOTES: Final = "notes"
_BLANK: Final = "blank"
_AGENTS: Final = "agents"  # of reasons
_FIRST: Final = "first failed"
_BASE: Final = "base"  # of comparisons
_RUNS: Final = "runs"
_REASONS: Final = "reasons"
_LEAST: Final = (_WATCHED, _NOTES, _BLANK, _AGENTS, _FIRST, _BASE, _RUNS, _REASONS)
"""What is left out where there is no room, the least important first."""


def card(summary: Event, size: tuple[int, int], signs: Signs, *, zone: tzinfo | None = None) -> list[Line]:
    """Return the lines of the card for a terminal with `size` columns and rows.

    If the card is higher than the terminal, fewer reasons are listed, then fewer comparisons of a gate, then other things
    are left out, so that the verdict stays in sight. A command that does not fit into it follows below, so that it can be
    copied whole.
    """
    columns, rows = size
    lower = [_Most(number, _MOST_ROWS) for number in range(_MOST_REASONS, 0, -1)]
    lower += [_Most(1, number) for number in range(_MOST_ROWS - 1, 0, -1)]
    lower += [_Most(1, 1, frozenset(_LEAST[: number + 1])) for number in range(len(_LEAST))]
    for most in lower:
        lines = _card(summary, columns, signs, zone, most)
        if len(lines) < rows:
            break
    return lines


class _Most(NamedTuple):
    """How much a card lists at most. `without`: what it leaves out of `_LEAST`."""

    reasons: int
    comparisons: int
    without: frozenset[str] = frozenset()


def _card(summary: Event, columns: int, signs: Signs, zone: tzinfo | None, most: _Most) -> list[Line]:
    fields = summary.fields
    outer = max(30, min(columns - 1, _WIDEST))
    inner = outer - 2 - 2 * _MARGIN
    code = fields["verdict"]
    tone = verdict_tone(code)
    command = fields["next"] or ""
    inside = cell_width(command) <= inner - _LABEL
    body = [
        *_gate(fields, inner, signs, most),
        *_reasons(fields, inner, signs, most),
        *_failures(fields, inner),
        *([] if _FIRST in most.without else _first(fields, zone)),
        *_watched(fields, inner, most.without),
        *([] if _NOTES in most.without else _labelled("note", fields["notes"], inner)),
        *_next(fields, inner, inside=inside),
    ]
    head: list[Line] = [] if _BLANK in most.without else [[]]
    frame = signs.frame
    edge = Span(frame.down, tone)
    blank = Span(" " * _MARGIN)
    lines: list[Line] = [[Span(f"{frame.top_left}{frame.across * (outer - 2)}{frame.top_right}", tone)]]
    lines += [[edge, *line, edge] for line in _banner(fields, outer - 2, signs)]
    lines += [[edge, blank, *padded(line, inner), blank, edge] for line in (*head, *body)]
    lines.append([Span(f"{frame.low_left}{frame.across * (outer - 2)}{frame.low_right}", tone)])
    first = "or: " if fields["advice"] else "next: "
    return lines if inside else [*lines, [Span(first), Span(command, "head")]]


def _banner(fields: Mapping[str, Any], cells: int, signs: Signs) -> list[Line]:
    """Return the solid lines with verdict, sentence and exit code."""
    code, tone = fields["verdict"], f"solid {verdict_tone(fields['verdict'])}"
    word = f"{verdict_sign(code, signs)} {verdict_word(code)}"
    told = f"exit {fields['exit']}" + (" (--exit-zero)" if fields["exit"] != code else "")
    indent = cell_width(word) + 3
    room = cells - 2 * _MARGIN
    lines = wrap(
        safe_text(fields["decided"] or fields["ended"]), room - indent - cell_width(told) - 2, _BANNER_LINES
    )
    out: list[Line] = []
    for at, text in enumerate(lines or [""]):
        left = f"{word}   {text}" if not at else f"{' ' * indent}{text}"
        right = told if not at else ""
        whole = f"{' ' * _MARGIN}{fit(left, room - cell_width(right))}{right}{' ' * _MARGIN}"
        out.append([Span(whole, tone)])
    return out


def _gate(fields: Mapping[str, Any], cells: int, signs: Signs, most: _Most) -> list[Line]:
    """Return the comparisons of a gate, the worst first, and what else is to be said of it; [] without a gate."""
    gate = fields.get("gate")
    if gate is None:
        return []
    from flowtui.watch.output.formats.gate_lines import notes  # noqa: PLC0415  few watches have a gate
    from flowtui.watch.output.formats.tty.gate_tracks import card_lines, more_words, worst_first  # noqa: PLC0415

    rows, base = worst_first(gate["rows"]), _BASE not in most.without
    shown, more = rows[: most.comparisons], rows[most.comparisons :]
    out = [line for row in shown for line in card_lines(row, cells, signs, _LABEL, base=base)]
    if more:
        out += _labelled("", [more_words(shown, more)], cells)
    if _NOTES in most.without:
        return out
    said = notes({**gate, "new_signatures": []})  # the reasons say which are new
    said = [text for text in said if text not in fields["ended"]]
    return [*out, *_labelled("note", said, cells)]


def _labelled(label: str, texts: list[str], cells: int, tone: str = "quiet", most: int = 3) -> list[Line]:
    """Return texts, each in at most `most` lines, with a label before the first."""
    lines = [line for text in texts for line in wrap(safe_text(text), cells - _LABEL, most)]
    return [
        [Span(fit("" if at else label, _LABEL), "quiet"), Span(line, tone)] for at, line in enumerate(lines)
    ]


def _reasons(fields: Mapping[str, Any], cells: int, signs: Signs, most: _Most) -> list[Line]:
    """Return the reasons with their counts and agents; where these do not fit, the agents are on a line of their own."""
    if _REASONS in most.without:
        return []
    found, compared = fields["reasons"], "gate" in fields
    shown = found[: most.reasons]
    numbers = [f"#{each['number']}" for each in shown]
    counts = [f"{each['count']:,}{signs.times}" for each in shown]
    before = max(map(cell_width, numbers), default=0), max(map(cell_width, counts), default=0)
    room = cells - _LABEL - sum(before) - 4
    longest = max((cell_width(text_of(each)) for each in shown), default=0)
    ends = [_agents(each, signs, room, compared=compared) for each in shown]
    text_cells = min(longest, _TEXT)
    aside = all(text_cells + 3 + width(end) <= room for end in ends)
    out: list[Line] = []
    for each, number, count, end in zip(shown, numbers, counts, ends, strict=True):
        head = [
            Span(fit("" if out else "reasons", _LABEL), "quiet"),
            Span(f"{fit(number, before[0])}  ", "quiet"),
            Span(f"{fit(count, before[1], right=True)}  ", "head"),
        ]
        if aside:
            out.append(cut([*head, Span(fit(text_of(each), text_cells)), Span("   "), *end], cells))
        else:
            out.append([*head, Span(fit(text_of(each), room).rstrip())])
            if _AGENTS not in most.without:
                out.append([Span(" " * (width(head))), *cut(end, room)])
    if len(found) > len(shown):
        out += [
            [Span(f"{' ' * _LABEL}and {formatting.plural(len(found) - len(shown), 'more reason')}", "quiet")]
        ]
    if fields["reasons_unknown"]:
        out += _labelled("" if out else "reasons", [unknown_words(fields["reasons_unknown"])], cells)
    return out


def _agents(reason: Mapping[str, Any], signs: Signs, cells: int, *, compared: bool) -> Line:
    new = new_words(reason, compared=compared)
    line = [Span(f"{signs.news} {new}   ", "new")] if new else []
    return [*line, Span(agents_within(reason["agents"], cells - width(line)), "quiet")]


def _failures(fields: Mapping[str, Any], cells: int) -> list[Line]:
    """Return what counts as a failure beside failed runs, such as overdue runs."""
    others = [each for each in fields["failed"] if each["because"] != "failed"]
    texts = [_other(each) for each in others[:_MOST_FAILED]]
    if len(others) > _MOST_FAILED:
        texts.append(f"and {len(others) - _MOST_FAILED:,} more")
    return _labelled("also counts", texts, cells, "", most=2)


def _other(failure: Mapping[str, Any]) -> str:
    name = failure["run_id"] or f"thread {failure['thread_id']}"
    reason = f": {safe_text(failure['reason'])}" if failure["reason"] else ""
    return f"{short_id(safe_text(name))} {failure['because']}{reason}"


def _first(fields: Mapping[str, Any], zone: tzinfo | None) -> list[Line]:
    first = fields["first_failed"]
    if first is None:
        return []
    when = first_words(first, formatting.clock(parse_time(first["at"]), zone))
    number = "" if first["reason_number"] is None else f", #{first['reason_number']}"
    return [
        [
            Span(fit("first failed", _LABEL), "quiet"),
            Span(short_id(safe_text(first["run_id"])), "head"),
            Span(f"  {when}{number}", "quiet"),
        ]
    ]


def _watched(fields: Mapping[str, Any], cells: int, without: Container[str]) -> list[Line]:
    """Return how long was watched, what ended the watch unless the banner says it, and the counts."""
    total = fields["counts"]["total"]
    parts = [formatting.span(fields["duration_s"])]
    parts += [formatting.plural(total, "run")] if total else []
    if fields["tokens"] is not None:
        parts.append(f"{formatting.short_count(fields['tokens'])} tokens")
    ended = [fields["ended"]] if fields["decided"] else []
    return [
        *_labelled("ended", ended, cells),
        *_labelled("runs", [] if _RUNS in without else [fields["outcome"]["text"]], cells, ""),
        *_labelled(
            "watched", [] if _WATCHED in without else [", ".join([*parts, outage_words(fields)])], cells
        ),
    ]


def _next(fields: Mapping[str, Any], cells: int, *, inside: bool) -> list[Line]:
    """Return the next command, if it fits, and advice."""
    command, advice = fields["next"], fields["advice"]
    out: list[Line] = []
    if command and inside:
        out.append([Span(fit("next", _LABEL), "quiet"), Span(command, "head")])
    if advice:
        out += _labelled("or" if command and inside else "next", [advice], cells, "")
    return out
