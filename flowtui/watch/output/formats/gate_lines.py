"""The result of a gate as lines of text: verdict, table of both sides, notes. Takes the display-safe fields of its event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final

from flowtui import formatting
from flowtui.model.gate import FAIL, INCONCLUSIVE, PASS, Estimate, metric_text
from flowtui.model.gate.past_base import base_words
from flowtui.model.gate.wording import evidence, sample_size, two_digits
from flowtui.model.run.element import parse_time
from flowtui.text import cell_width, pad_cells, shorten

TONES: Final = {PASS: "completed", FAIL: "failed", INCONCLUSIVE: "queued"}
"""Verdict -> tone of its line; the tone decides the colour."""

_COVERED: Final = ("live_s", "read_s", "unanswered_s", "unwatched_s")
_GAP: Final = "  "
_MOST_SIGNATURES: Final = 5
_MOST_ROWS: Final = 40
_SHOWN: Final = 160  # characters of one text
_A_DAY: Final = 20 * 3600.0  # 20 hours in seconds; an older time is shown with its date


def head(gate: Mapping[str, Any], zone: tzinfo | None) -> str:
    """Return a line with the verdict and the number of runs on each side."""
    base, new = gate["base"], gate["new"]
    mark = f"{gate['mark']}: " if gate["mark"] else ""
    since = _moment(parse_time(new["since"]), parse_time(new["until"]), zone)
    return (
        f"gate {gate['verdict']}   {mark}{formatting.plural(new['runs'], 'run')} created since {since}, "
        f"{formatting.count(base['runs'])} created in the {formatting.span(gate['compare_s'])} before"
    )


def notes(gate: Mapping[str, Any]) -> list[str]:
    """Return the lines below the table: which runs are missing, how many are needed for a verdict, and new failures."""
    out = []
    if gate["missing"]:
        out.append(gate["missing"])
    if told := _base_from(gate):
        out.append(told)
    if gate["silent"]:
        runs = formatting.plural(gate["silent"], "run")
        out.append(f"ended before they started, so without labels and on neither side: {runs}")
    if gate["undated"]:
        out.append(f"without a date, so on neither side: {formatting.plural(gate['undated'], 'run')}")
    undecided = sum(row["verdict"] == INCONCLUSIVE for row in gate["rows"])
    if (
        gate["needed"] is not None and gate["verdict"] == INCONCLUSIVE and undecided != 1
    ):  # one says it itself
        runs = formatting.count(two_digits(gate["needed"]))
        out.append(f"a verdict takes about {runs} runs a side, if the values stay as they are")
    out += [*_evidence(gate), *_reach(gate)]
    signatures = gate["new_signatures"]
    new = "perhaps a new failure" if gate["unexplained"] else "new failure"
    out += [
        f"{new}, {each['count']}x: {shorten(each['text'], _SHOWN)}" for each in signatures[:_MOST_SIGNATURES]
    ]
    if signatures and gate["unexplained"]:
        out.append(
            f"{formatting.plural(gate['unexplained'], 'run')} failed before without a known reason, so these may be old"
        )
    if len(signatures) > _MOST_SIGNATURES:
        out.append(f"and {len(signatures) - _MOST_SIGNATURES} more new failures")
    return out


def _base_from(gate: Mapping[str, Any]) -> str:
    """Return where the base comes from; "" if there is no history."""
    covered = gate["base_coverage"]
    watched = None if covered is None else [covered[name] for name in _COVERED]
    return base_words(gate["base"]["runs"], gate["base_remembered"], watched, gate["base_note"] or "")


def _evidence(gate: Mapping[str, Any]) -> list[str]:
    """Return how much the runs of one comparison tell, if runs of one thread are alike: the one that tells the least."""
    row = min(gate["rows"], key=_told_part, default=None)
    if row is None or _told_part(row) >= 1.0:
        return []
    sides = ((evidence(Estimate(**row[side])), side) for side in ("new", "base"))
    whose = "" if row["agent"] is None else f" of {row['agent']}"
    told = "; ".join(words.replace(" run", f" {side} run", 1) for words, side in sides if words)
    return [f"runs of one thread are alike ({row['metric']}{whose}): {told}"]


def _told_part(row: Mapping[str, Any]) -> float:
    """Return the part of a comparison's runs that counts as independent, on the side where it is less."""
    sides = [Estimate(**row[side]) for side in ("new", "base")]
    return min([1.0, *((side.worth or side.n) / side.n for side in sides if evidence(side))])


def _reach(gate: Mapping[str, Any]) -> list[str]:
    """Return why an unchanged release can hardly pass, while the gate is undecided."""
    told = gate["reach"]["warning"] if gate["reach"] is not None else None
    return [told] if told is not None and gate["verdict"] == INCONCLUSIVE else []


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of a comparison: its text, then for each side value, interval and number of runs, then the limit."""
    metric = row["metric"]
    return (
        row["text"],
        _estimate(metric, row["base"]),
        _estimate(metric, row["new"]),
        metric_text(metric, row["limit"]),
    )


TITLES: Final = ("COMPARISON", "BASE (95 %)", "NEW (95 %)", "LIMIT")


def table(gate: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the table as pairs of an aligned line and its tone. Below each row that does not pass is a line with the reason."""
    rows = gate["rows"][:_MOST_ROWS]
    by_agent = any(row["agent"] is not None for row in rows)
    # The verdict comes first, as a narrow terminal cuts off the end.
    lines = [("", ("VERDICT", *(("AGENT",) if by_agent else ()), *TITLES))]
    for row in rows:
        agent = (row["agent"] or "all",) if by_agent else ()
        lines.append((row["verdict"], (row["verdict"], *agent, *cells(row))))
    widths = [max(cell_width(line[i]) for _, line in lines) for i in range(len(lines[0][1]))]
    out = []
    for place, (verdict, line) in enumerate(lines):
        text = _GAP.join(pad_cells(cell, widths[i]) for i, cell in enumerate(line))
        out.append((text.rstrip(), TONES.get(verdict, "")))
        if verdict and verdict != PASS and not gate["missing"]:
            out.append((f"{_GAP}{shorten(rows[place - 1]['reason'], _SHOWN)}", ""))
    if len(gate["rows"]) > _MOST_ROWS:
        out.append((f"and {len(gate['rows']) - _MOST_ROWS} more", ""))
    return out


def gate_lines(gate: Mapping[str, Any], zone: tzinfo | None) -> list[tuple[str, str]]:
    """Return head, table and notes as (line, tone) pairs. The caller must put the time before the first line."""
    return [
        (head(gate, zone), TONES.get(gate["verdict"], "")),
        *((f"    {text}", tone) for text, tone in table(gate)),
        *((f"    {text}", "") for text in notes(gate)),
    ]


def _estimate(metric: str, found: Mapping[str, Any]) -> str:
    if not found["n"]:
        return formatting.UNKNOWN
    value, low, high = (metric_text(metric, found[name]) for name in ("value", "low", "high"))
    return f"{value} ({low} to {high}) {sample_size(Estimate(**found))}"


def _moment(at: float | None, now: float | None, zone: tzinfo | None) -> str:
    """Return the time `at` as text: the time of day, and if it is more than 20 hours before `now`, the date as well."""
    old = at is not None and now is not None and now - at > _A_DAY
    return formatting.timestamp(at, zone) if old else formatting.clock(at, zone)
