"""A gate as tracks: each comparison's interval against its limit, and how many runs a verdict takes.

The interval is the one that the verdict rests on. All text in the fields of a gate is display-safe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flowtui import formatting
from flowtui.model.gate import FAIL, INCONCLUSIVE, metric_text
from flowtui.model.gate.tree import METRICS, RATES
from flowtui.model.gate.wording import NAMES, two_digits
from flowtui.text import cell_width, shorten_cells
from flowtui.watch.output.formats.gate_lines import TONES
from flowtui.watch.output.formats.tty.signs import Signs
from flowtui.watch.output.formats.tty.spans import Line, Place, fit
from flowtui.watch.output.formats.tty.track import Estimate, bar, end_of_track, place_of, track
from flowtui.watch.output.terminal import Span

_GAP: Final = "  "
_LONGEST: Final = 44  # cells of a track
_SHORTEST: Final = 8


def live_lines(gate: Mapping[str, Any], place: Place, most: int, signs: Signs) -> list[Line]:
    """Return a track for each comparison, at most `most`, and while there is no verdict, the progress to it."""
    indent, label = place.indent, place.label
    rows = worst_first(gate["rows"])
    texts = {id(row): _live_text(row, place.cells) for row in rows[:most]}
    longest = max(map(cell_width, texts.values()), default=0)
    cells = min(_LONGEST, place.room - len(_GAP) - longest)
    lines: list[Line] = []
    for row in rows[:most]:
        line = [Span(f"{indent}{fit(NAMES[row['metric']], label)}", "quiet")]
        if cells >= _SHORTEST:
            line += [*_track(row, row_end(row), cells, "new", signs), Span(_GAP)]
        value, _, rest = texts[id(row)].partition(" ")
        lines.append([*line, Span(value, TONES.get(row["verdict"], "")), Span(f" {rest}")])
    if len(rows) > most:
        text = more_words(rows[:most], rows[most:])
        aside = "" if cell_width(text) > place.room else fit("", label)
        lines.append([Span(f"{indent}{aside}{text}", "quiet")])
    return [*lines, _to_verdict(gate, place, cells, signs)] if gate["verdict"] == INCONCLUSIVE else lines


def more_words(shown: Sequence[Mapping[str, Any]], more: Sequence[Mapping[str, Any]]) -> str:
    """Return how many comparisons have no line, and of how many agents no line is shown."""
    text = f"and {formatting.plural(len(more), 'more comparison')}"
    agents = {row["agent"] for row in more} - {row["agent"] for row in shown}
    return f"{text}, {formatting.plural(len(agents), 'agent')} not shown" if agents else text


_ORDER: Final = {FAIL: 0, INCONCLUSIVE: 1}  # those that passed come last


def worst_first(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return comparisons by their verdict, so that what decides is seen where there is no room for all."""
    return sorted(rows, key=lambda row: _ORDER.get(row["verdict"], len(_ORDER)))


def _live_text(row: Mapping[str, Any], cells: int) -> str:
    """Return value, interval and limit of a comparison, such as `19.0% 8.2–40.1%  limit 5.0%`; the value has no blank."""
    metric, found = row["metric"], _used(row)
    value = metric_text(metric, found["value"]).replace(" ", "")
    parts = [value]
    if cells >= 71 and found["value"] is not None:
        parts[0] += f" {interval_text(metric, found)}"
    parts.append(f"limit {metric_text(metric, row['limit'])}")
    if row["agent"] is not None:
        parts.append(row["agent"])
    return shorten_cells(_GAP.join(parts), 46)


def interval_text(metric: str, found: Mapping[str, Any]) -> str:
    """Return the ends of an interval, such as `8.2–40.1%`, `up to 40.1%` or `no interval yet`."""
    low, high = (metric_text(metric, found[name]) for name in ("low", "high"))
    if found["low"] is None:
        return "no interval yet" if found["high"] is None else f"up to {high}"
    return f"from {low}" if found["high"] is None else f"{low.removesuffix('%')}–{high}"


def _to_verdict(gate: Mapping[str, Any], place: Place, cells: int, signs: Signs) -> Line:
    head = Span(f"{place.indent}{fit('to a verdict', place.label)}", "quiet")
    needed = gate["needed"]
    if gate["missing"] or needed is None:
        return [head, Span(shorten_cells(gate["missing"] or gate["reason"], place.room))]
    done, needed = row_runs(gate, needed), two_digits(needed)
    done = min(done, needed)
    told = f"{done:,} of about {formatting.plural(needed, 'run')}"
    cells = min(cells, place.room - len(_GAP) - len(told))
    drawn = [*bar(done, needed, cells, "running", signs), Span(_GAP)] if cells >= _SHORTEST else []
    return [head, *drawn, Span(told)]


def row_runs(gate: Mapping[str, Any], needed: int) -> int:
    """Return how many new runs count for the comparison that takes `needed` runs."""
    counts = [row["new"]["n"] for row in gate["rows"] if row["needed"] == needed]
    return int(min(counts, default=gate["new"]["runs"]))


def row_end(row: Mapping[str, Any]) -> float:
    """Return the number at which the tracks of a comparison end."""
    numbers = [row["limit"]]
    for side in (row["base"], _used(row)):
        numbers += [side["value"], side["low"], side["high"]]
    return end_of_track(numbers, most=1.0 if METRICS[row["metric"]] == "share" else float("inf"))


def _used(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the estimate of the new side on which the verdict rests; before the first interim look, the one so far."""
    used: Mapping[str, Any] = row["deciding"] or row["new"]
    return used


def _track(row: Mapping[str, Any], end: float, cells: int, side: str, signs: Signs) -> Line:
    found = _used(row) if side == "new" else row[side]
    tone = TONES.get(row["verdict"], "") if side == "new" else ""
    return track(
        Estimate(found["value"], found["low"], found["high"]), row["limit"], cells, signs, end=end, tone=tone
    )


def card_lines(
    row: Mapping[str, Any], cells: int, signs: Signs, label: int, *, base: bool = True
) -> list[Line]:
    """Return a comparison for the card in lines of at most `cells` cells: base, new, and the limit below its sign.

    `base`: whether there is a line for the base.
    """
    metric = row["metric"]
    sides = [("base", row["base"]), ("new", _used(row))]
    sides = [(name, found) for name, found in sides if name == "new" or (base and found["n"])]
    texts = [(metric_text(metric, found["value"]), _counted(metric, found)) for _, found in sides]
    if row["deciding"]:
        texts[-1] = texts[-1][0], f"{texts[-1][1]} judged"
    widths = [max(cell_width(pair[at]) for pair in texts) for at in (0, 1)]
    length = min(_LONGEST, cells - label - 6 - sum(widths) - 2 * len(_GAP))
    end = row_end(row)
    lines: list[Line] = []
    for at, ((name, _), (value, counted)) in enumerate(zip(sides, texts, strict=True)):
        title = "" if at else NAMES[metric]
        drawn = _track(row, end, length, name, signs) if length >= _SHORTEST else []
        lines.append(
            [
                Span(f"{fit(title, label)}{fit(name, 6)}", "quiet"),
                *drawn,
                Span(
                    f"{_GAP}{fit(value, widths[0], right=True)}",
                    TONES.get(row["verdict"], "") if name == "new" else "",
                ),
                Span(f"{_GAP}{counted}", "quiet"),
            ]
        )
    told = f"limit {metric_text(metric, row['limit'])}"
    room = label + 6 + max(length, 0)
    start = label + 6
    if row["limit"] is not None and length >= _SHORTEST:
        start += place_of(min(row["limit"], end), end, length) - cell_width(told) // 2
    start = max(label + 6, min(start, room - cell_width(told)))
    lines.append([Span(f"{fit(row['agent'] or '', label)}{' ' * (start - label)}{told}", "quiet")])
    return lines


def _counted(metric: str, found: Mapping[str, Any]) -> str:
    """Return the runs that an estimate rests on, such as `6 of 24` or `24 runs`."""
    if metric in RATES and found["value"] is not None:
        return f"{formatting.count(round(found['value'] * found['n']))} of {formatting.count(found['n'])}"
    return formatting.plural(found["n"], "run")
