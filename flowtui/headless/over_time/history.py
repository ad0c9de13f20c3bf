"""`flowtui history`: tells what is remembered, where, since when, how large, and how the time since then was watched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowtui import formatting
from flowtui.config.settings import Settings
from flowtui.headless.over_time.stats_output import coverage_record
from flowtui.headless.tables import table
from flowtui.model.export.records import indented_json
from flowtui.model.export.tables import TableColumn
from flowtui.model.history.coverage import (
    GAP,
    MOMENT,
    TimeCoverage,
    coverage,
    coverage_words,
    time_words,
)
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Past
from flowtui.model.run.row import STATUS_CLASSES
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.store.facts import HistoryFacts

NEVER_KEPT: Final = (
    "instructions",
    "messages",
    "arguments and results of tools",
    "bodies of spans",
    "metadata",
    "values of labels",
    "anything of a failure but its reason",
    "the API key",
)
"""What is never written into a history. A reason may quote a word of the failure; with --redact it is not kept either."""

_FIELDS: Final = (
    "path",
    "size_bytes",
    "since",
    "until",
    "runs",
    "threads",
    "by_class",
    "forgotten_before",
    "sums_since",
    "set_aside",
    "other_keys",
    "trouble",
)
_WIDTH: Final = 88  # characters of a line beside its name
_DAY: Final = 86_400.0
_TIMES: Final = (("last 24h", _DAY), ("last 7d", 7 * _DAY))
_WAYS: Final = ((LIVE, "LIVE"), (READ, "READ LATER"), (UNANSWERED, "NOT ANSWERED"), (GAP, "GAPS"))


class WatchedTime(NamedTuple):
    """A span of time up to the present and how it was watched; `name` says which: `last 24h`, `all 12d`."""

    name: str
    coverage: TimeCoverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What `flowtui history` prints.

    `facts`: what there is; None: there is no file.
    `times`: how the time up to now was watched; [] if that is not known.
    """

    facts: HistoryFacts | None
    times: Sequence[WatchedTime]
    settings: Settings
    now: float
    zone: tzinfo | None


def watched_times(past: Past | None, now: float) -> list[WatchedTime]:
    """Return how the last day, the last week and the whole time since the begin were watched. Raises HistoryError.

    A dashboard writes some seconds late: so short a time at the end is left out, as nobody knows whether it is a gap.
    """
    begin = None if past is None else past.begin
    if past is None or begin is None or begin >= now:
        return []
    spans = past.watched(begin, now)
    last = max((span.until for span in spans), default=now)
    now = last if begin < last and now - last <= MOMENT else now
    times = [(name, now - seconds) for name, seconds in _TIMES if seconds < now - begin]
    times.append((f"all {time_words(now - begin)}", begin))
    return [WatchedTime(name, coverage(spans, since, now)) for name, since in times]


def history_json(shown: Shown) -> str:
    """Return what is remembered as a JSON document. Its field names are a public interface."""
    facts = shown.facts
    return indented_json(
        {
            "remember": shown.settings.remember,
            "keeps_s": shown.settings.remember_for,
            "keeps_mb": shown.settings.remember_mb,
            **_facts(facts),
            "coverage": [
                {"time": one.name, **coverage_record(one.coverage, shown.zone)} for one in shown.times
            ],
            "never_kept": list(NEVER_KEPT),
        }
    )


def _facts(facts: HistoryFacts | None) -> dict[str, Any]:
    """Return what there is for JSON; without a file each field is null."""
    if facts is None:
        return dict.fromkeys(_FIELDS)
    values = (
        str(facts.path),
        facts.size,
        formatting.iso_time(facts.begin),
        formatting.iso_time(facts.end),
        facts.runs,
        facts.threads,
        dict(facts.by_class),
        formatting.iso_time(_forgotten(facts)),
        formatting.iso_time(facts.sums_begin),
        [str(path) for path in facts.set_aside],
        [str(path) for path in facts.other_keys],
        facts.trouble or None,
    )
    return dict(zip(_FIELDS, values, strict=True))


def history_text(shown: Shown, *, color: bool) -> str:
    """Return what is remembered as text for a person."""
    lines = _lines(shown)
    width = max(len(name) for name, _ in lines)
    text = "".join(_wrapped(f"{name:<{width}}  ", safe_text(said)) for name, said in lines)
    if not shown.times:
        return text
    last = [f"{one.name}: {coverage_words(one.coverage, shown.zone)}" for one in shown.times]
    return f"{text}\n{table(_columns(), shown.times, color=color)}\n" + "".join(
        f"{safe_text(line)}\n" for line in last
    )


def _wrapped(head: str, text: str) -> str:
    """Return a text behind its head, in several lines if it is long; a path stays in one line."""
    rest = " " * len(head)
    lines = wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    return "".join(f"{rest if number else head}{line}\n" for number, line in enumerate(lines))


def _lines(shown: Shown) -> list[tuple[str, str]]:
    facts, settings = shown.facts, shown.settings
    kept = f"for {time_words(settings.remember_for)} and up to {settings.remember_mb:g} MB"
    setting = f"on: runs are kept {kept}" if settings.remember else "off (remember = false): nothing is added"
    never = ("never kept", ", ".join(NEVER_KEPT))
    if facts is None:
        return [("file", "none: nothing is remembered for this address and key"), ("setting", setting), never]
    lines = [("file", str(facts.path)), ("size", formatting.size(facts.size))]
    if facts.trouble:
        lines.append(("trouble", facts.trouble))
    lines += [("since", _since(facts, shown)), ("runs", _runs(facts))]
    if (forgotten := _forgotten(facts)) is not None:
        gone = f"runs that ended before {formatting.timestamp(forgotten, shown.zone)} are not kept any more"
        sums = f"; sums of quarter hours since {formatting.timestamp(facts.sums_begin, shown.zone)}"
        lines.append(("forgotten", gone + (sums if facts.sums_begin is not None else "")))
    lines += [("set aside", f"{path} (could not be read)") for path in facts.set_aside]
    lines += [("other key", f"{path} (not opened)") for path in facts.other_keys]
    return [*lines, ("setting", setting), never]


def _forgotten(facts: HistoryFacts) -> float | None:
    """Return before which time runs are not kept any more; None if the history began later."""
    first = facts.begin if facts.sums_begin is None else facts.sums_begin
    if facts.forgotten is None or (first is not None and facts.forgotten <= first):
        return None
    return facts.forgotten


def _since(facts: HistoryFacts, shown: Shown) -> str:
    if facts.begin is None:
        return formatting.UNKNOWN
    at, last = (formatting.timestamp(time, shown.zone) for time in (facts.begin, facts.end))
    return f"{at}, {time_words(shown.now - facts.begin)} ago; last written {last}"


def _runs(facts: HistoryFacts) -> str:
    if facts.runs is None or facts.threads is None:
        return formatting.UNKNOWN
    count = f"{formatting.plural(facts.runs, 'run')} on {formatting.plural(facts.threads, 'thread')}"
    classes = [
        f"{formatting.count(facts.by_class[word])} {word}"
        for word in STATUS_CLASSES
        if facts.by_class.get(word)
    ]
    return f"{count}: {', '.join(classes)}" if classes else count


def _columns() -> list[TableColumn[WatchedTime]]:
    def column(how: str, title: str) -> TableColumn[WatchedTime]:
        def text(one: WatchedTime) -> str:
            seconds = one.coverage.seconds(how)
            whole = one.coverage.until - one.coverage.since
            return f"{time_words(seconds)} {formatting.percent(seconds / whole)}" if seconds else "0"

        return TableColumn(
            name=how, title=title, text=text, value=lambda one: one.coverage.seconds(how), right=True
        )

    first: TableColumn[WatchedTime] = TableColumn(
        name="time", title="TIME", text=lambda one: one.name, value=lambda one: one.name
    )
    return [first, *(column(how, title) for how, title in _WAYS)]


def history_parts(shown: Shown, output: str, *, color: bool) -> Iterable[str]:
    """Return the output as `table` or `json`."""
    return (history_json(shown),) if output == "json" else (history_text(shown, color=color),)
