"""Makes lines of events, for people and for scripts, which rely on their form. The lines are display-safe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import tzinfo
from typing import Any, Final, NamedTuple

from flowtui import formatting
from flowtui.model.columns.context import status_phrase
from flowtui.model.messages.why import show_command
from flowtui.model.run.element import parse_time
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED, UNKNOWN, Run, RunKey, model_name
from flowtui.text import safe_text, short_id, shorten, shorten_start
from flowtui.watch import events, exits
from flowtui.watch.events import SINCE_THEN, Event
from flowtui.watch.ledger import Counts, without_labels
from flowtui.watch.output.formats.reason_words import (
    MOST,
    agents_words,
    failure_words,
    first_words,
    new_words,
    outage_words,
    text_of,
    unknown_words,
)

GROUP_FROM: Final = 9
"""So many changes of the same kind at the same time, or more, become one line."""

_GRAVE_AT_ONCE: Final = 20  # most failures with a line of their own; the summary has all
_GAP: Final = "  "
_WIDE: Final = "   "
_SHOWN_ID: Final = 48
_SHOWN_TEXT: Final = 200
# polling intervals; if two observations are further apart, the line shows the times of both
_LONG_LOOK: Final = 2.5


class Line(NamedTuple):
    """One line. `tone` is a status class, `error` or "", and decides the colour. `grave`: whether the line is of a failure."""

    text: str
    tone: str = ""
    grave: bool = False


def lines_of(told: Sequence[Event], zone: tzinfo | None, interval: float) -> list[Line]:
    """Return the lines of events that came at the same time.

    Nine or more changes of the same kind become one line, but of failures the first 20 get a line each. `interval`:
    seconds between polls.
    """
    kinds = Counter(_kind(event) for event in told)
    out: list[tuple[float, Line]] = []
    grouped: set[tuple[str, str, str]] = set()
    grave = 0
    for event in told:
        kind = _kind(event)
        if event.name == events.GATE:
            out += [(event.at, each) for each in lines_of_gate(event, zone)]
        elif event.failure:
            grave += 1
            if grave <= _GRAVE_AT_ONCE:
                out.append((event.at, line(event, zone, interval)))
        elif kinds[kind] < GROUP_FROM or event.run is None:
            out.append((event.at, line(event, zone, interval)))
        elif kind not in grouped:
            grouped.add(kind)
            members = [each for each in told if _kind(each) == kind and not each.failure]
            out.append((members[-1].at, _group(members, zone)))
    if grave > _GRAVE_AT_ONCE:
        more = formatting.plural(grave - _GRAVE_AT_ONCE, "more run")
        text = f"{_clock(told[-1], zone)}{_GAP}and {more} FAILED"
        out.append((told[-1].at, Line(text, FAILED, grave=True)))
    out.sort(key=lambda entry: entry[0])
    return [each for _, each in out if each.text]


def _kind(event: Event) -> tuple[str, str, str]:
    before = event.before.status_class if event.before is not None else ""
    after = event.run.status_class if event.run is not None else ""
    return (event.name, before, after)


def _group(told: Sequence[Event], zone: tzinfo | None) -> Line:
    event = told[-1]
    name, before, after = _kind(event)
    threads = len({each.run.thread_key for each in told if each.run is not None})
    where = f" on {threads:,} threads" if threads > 1 else ""
    inferred = sum(each.run is not None and each.run.inferred for each in told)
    doubt = f" ({inferred:,} inferred)" if inferred else ""
    head = f"{_clock(event, zone)}{_GAP}{len(told):,} runs{where}"
    if name == events.RUN_STATUS:
        what = f"{before} -> {after}{doubt}"
    elif name == events.RUN_APPEARED and event.history:
        return Line(_join(f"{head} {_already(after)}{doubt}", _activity(event)), after)
    elif name == events.RUN_APPEARED:
        what = f"appeared {after}{doubt}"
    elif name == events.RUN_FINDING:
        what = f"finding: {safe_text(event.fields.get('finding', ''))}"
    else:
        return Line("")
    return Line(_join(f"{head}{_GAP}{what}", _activity(event)), after)


def _already(status_class: str) -> str:
    """Return the words for runs that had this status when the watch began, such as `were already running`."""
    if status_class in (COMPLETED, FAILED):
        return f"had already {status_class}"
    return "were of unknown status" if status_class == UNKNOWN else f"were already {status_class}"


def line(event: Event, zone: tzinfo | None, interval: float = 3.0) -> Line:
    """Return an event as one line. The line of an event that is not printed is empty. `interval`: seconds between polls."""
    writer = _WRITERS.get(event.name)
    if writer is None:
        return Line("")
    head = f"{_clock(event, zone)}{_GAP}"
    text, tone, grave = writer(event, zone, interval)
    return Line(head + text if text else "", tone, grave)


def started_text(event: Event, zone: tzinfo | None) -> str:
    """Return what is watched and until when, with the time of `--since` in `zone`; with its date if it is not today."""
    text, since = safe_text(event.fields.get("text", "")), parse_time(event.fields.get("since"))
    if since is None or event.fields.get("mark"):
        return text
    today = formatting.day(since, zone) == formatting.day(event.at, zone)
    moment = formatting.clock(since, zone) if today else formatting.timestamp(since, zone)
    return text.replace(SINCE_THEN, f" since {moment}", 1)


def _started(event: Event, zone: tzinfo | None, _interval: float) -> Line:
    return Line(f"watching{_GAP}{started_text(event, zone)}")


def _appeared(event: Event, _zone: tzinfo | None, _interval: float) -> Line:
    if event.run is None:
        return Line("")
    return _of_run(event, event.run, "" if event.history else "appeared ")


def _status(event: Event, zone: tzinfo | None, interval: float) -> Line:
    if event.run is None or event.before is None:
        return Line("")
    seen = " (running was not observed)" if event.fields.get("not_observed") else ""
    if event.since is not None and event.at - event.since > _LONG_LOOK * interval:
        seen += f" (between {formatting.clock(event.since, zone)} and {formatting.clock(event.at, zone)})"
    return _of_run(event, event.run, f"{status_phrase(event.before)} -> ", seen)


def _of_run(event: Event, run: Run, before: str, after: str = "") -> Line:
    """Return the line of a run, with its status between the words `before` and `after`."""
    word = status_phrase(run)
    if event.failure:
        word = word.replace(FAILED, FAILED.upper(), 1)
    head = _join(f"{_place(run)}{_GAP}{before}{word}{after}", _measures(run, event))
    if event.failure:
        return Line(_join(head, failure_words(event), f"see: {show_command(run)}"), FAILED, grave=True)
    return Line(_join(head, _model(run), _activity(event)), run.status_class)


def _finding(event: Event, _zone: tzinfo | None, _interval: float) -> Line:
    run, text = event.run, safe_text(event.fields.get("text", ""))
    if run is None:
        return Line(f"{_name(event.fields.get('thread_id', ''))}{_GAP}thread: {text}", "error")
    return Line(f"{_place(run)}{_GAP}{status_phrase(run)}: {text}", "error")


def _reason(event: Event, _zone: tzinfo | None, _interval: float) -> Line:
    if event.run is None:
        return Line("")
    return Line(f"{_place(event.run)}{_GAP}reason: {failure_words(event)}", FAILED, grave=True)


def _poll_error(event: Event, _zone: tzinfo | None, _interval: float) -> Line:
    fields = event.fields
    count, retry = fields.get("thread_count", 0), fields.get("retry_in_s")
    where = f"{count} threads: " if count > 1 else ""
    again = "not asked again" if retry is None else f"asking again in {formatting.span(retry)}"
    said = shorten(safe_text(fields.get("message", "")), _SHOWN_TEXT)
    return Line(_join(f"poll error{_GAP}{where}{said}", again), "error")


def _recovered(event: Event, _zone: tzinfo | None, _interval: float) -> Line:
    return Line(f"poll recovered{_GAP}after {formatting.span(event.fields.get('after_s'))}")


def _heartbeat(event: Event, _zone: tzinfo | None, _interval: float) -> Line:
    fields = event.fields
    counts = event.counts
    state = "" if counts is None else state_text(counts, "no run yet")
    asked = f"every {fields.get('interval_s', 0):g}s, {fields.get('requests')} of {fields.get('budget')} requests/min"
    notes = [safe_text(note) for note in fields.get("notes", ())]
    progress = safe_text(fields.get("progress", {}).get("text", ""))
    return Line(_join(f"still watching{_GAP}{state}", asked, progress, *notes))


def _summary(event: Event, _zone: tzinfo | None, _interval: float) -> Line:
    fields, outcome = event.fields, event.fields["outcome"]
    code, verdict = fields["exit"], fields["verdict"]
    parts = [f"summary{_GAP}{exits.WORDS.get(verdict, 'FAIL')} exit={code}", outcome["text"] or "no runs"]
    if fields["tokens"] is not None:
        parts.append(f"{formatting.count(fields['tokens'])} tokens")
    parts.append(formatting.span(fields["duration_s"]).replace(" ", ""))
    # Failed runs have lines of their own; only what they exceed is new.
    told = verdict == exits.FAILED and all(each["because"] == "failed" for each in fields["failed"])
    if fields["decided"] and not (told and fields["failed"] and outcome["allow_failures"] is None):
        parts.append(fields["decided"])
    parts += [fields["ended"], *fields["notes"]]
    tone = "completed" if verdict == exits.MET else "failed"
    return Line(_join(*map(safe_text, parts)), tone, grave=verdict != exits.MET)


_WRITERS: Final[Mapping[str, Any]] = {
    events.STARTED: _started,
    events.RUN_APPEARED: _appeared,
    events.RUN_STATUS: _status,
    events.RUN_FINDING: _finding,
    events.RUN_REASON: _reason,
    events.POLL_ERROR: _poll_error,
    events.POLL_RECOVERED: _recovered,
    events.HEARTBEAT: _heartbeat,
    events.SUMMARY: _summary,
}


def failure_lines(summary: Event, told: AbstractSet[RunKey], zone: tzinfo | None) -> list[Line]:
    """Return lines for the failures in a summary whose runs are not in `told`: those that had no line of their own yet."""
    untold = [each for each in summary.fields["failed"] if (each["thread_id"], each["run_id"]) not in told]
    out = []
    for each in untold[:_GRAVE_AT_ONCE]:
        names = [each[name] for name in ("thread_id", "run_id") if each[name] is not None]
        place = _GAP.join(map(_name, names))
        word = each["because"].upper() + (" (inferred)" if each.get("inferred") else "")
        head = f"{_clock(summary, zone)}{_GAP}{place}{_GAP}{word}"
        number = "" if each["reason_number"] is None else f"#{each['reason_number']} "
        reason = f"{number}{each['reason'] or ''}"
        out.append(Line(_join(head, reason, f"see: {each['see']}"), FAILED, grave=True))
    if len(untold) > _GRAVE_AT_ONCE:
        more = formatting.count(len(untold) - _GRAVE_AT_ONCE)
        out.append(Line(f"{_clock(summary, zone)}{_GAP}and {more} more", FAILED, grave=True))
    return out


def last_lines(
    summary: Event, told: AbstractSet[RunKey], zone: tzinfo | None, table: Sequence[Line] | None = None
) -> list[Line]:
    """Return the last lines of a watch: failures that had no line yet, the gate's result, reasons, what to do, the summary.

    `told`: the runs whose failures had a line. `table`: the last printed table of the gate; an unchanged result is left out.
    """
    gate = summary.fields.get("gate")
    result = [] if gate is None else lines_of_gate(Event(events.GATE, summary.at, gate), zone)
    if result[1:] == table:
        result = []
    return [
        *failure_lines(summary, told, zone),
        *result,
        *closing_lines(summary, zone),
        line(summary, zone),
    ]


def closing_lines(summary: Event, zone: tzinfo | None) -> list[Line]:
    """Return a line for each reason of failures, and what a person should know and do after the watch."""
    fields, compared = summary.fields, "gate" in summary.fields
    out: list[str] = []
    for reason in fields["reasons"][:MOST]:
        head = f"reason{_GAP}#{reason['number']}{_GAP}{reason['count']:,}x{_GAP}{text_of(reason)}"
        out.append(_join(head, agents_words(reason["agents"]), new_words(reason, compared=compared)))
    if len(fields["reasons"]) > MOST:
        out.append(f"and {len(fields['reasons']) - MOST} more reasons")
    if fields["reasons_unknown"]:
        out.append(f"reason{_GAP}{unknown_words(fields['reasons_unknown'])}")
    first = fields["first_failed"]
    if first is not None:
        place = f"{_name(first['thread_id'])}{_GAP}{_name(first['run_id'])}"
        out.append(f"first failed{_GAP}{place}{_GAP}{first_words(first, _time(first['at'], zone))}")
    if fields["outages"]["count"]:
        out.append(outage_words(fields))
    if fields["next"] or fields["advice"]:
        out.append(_join(f"next{_GAP}{fields['next'] or fields['advice']}", *_advice(fields)))
    return [Line(f"{_clock(summary, zone)}{_GAP}{text}") for text in out]


def _advice(fields: Mapping[str, Any]) -> list[str]:
    return [f"or {fields['advice']}"] if fields["next"] and fields["advice"] else []


def _time(at: str | None, zone: tzinfo | None) -> str:
    return formatting.clock(parse_time(at), zone)


def lines_of_gate(event: Event, zone: tzinfo | None) -> list[Line]:
    """Return the result of a gate: a line with time and verdict, and below it the table of both sides."""
    from flowtui.watch.output.formats.gate_lines import gate_lines  # noqa: PLC0415  few watches have a gate

    first, *rest = gate_lines(event.fields, zone)
    head = Line(f"{_clock(event, zone)}{_GAP}{first[0]}", first[1])
    return [head, *(Line(text, tone) for text, tone in rest)]


def failures_in(told: Sequence[Event]) -> set[RunKey]:
    """Return the keys of the runs whose failures these events report."""
    return {event.run.key for event in told if event.failure and event.run is not None}


def counts_text(by_class: Mapping[str, int]) -> str:
    """Return counts as text, such as `5 completed, 1 failed`. Status classes without runs are left out."""
    order = ("completed", FAILED, CANCELLED, "running", QUEUED, "unknown")
    return ", ".join(f"{by_class[word]:,} {word}" for word in order if by_class.get(word))


def state_text(counts: Counts, none: str) -> str:
    """Return counts as text, and how many statuses were inferred.

    The text is `none` if there are no runs, and `— runs` with the reason if the counts are unknown.
    """
    if not counts.known:
        return f"{formatting.UNKNOWN} runs, {counts.unread}"
    state = inferred_text(counts_text(counts.by_class), counts.inferred)
    return ", ".join(filter(None, (state, without_labels(counts.labels_unread)))) or none


def inferred_text(state: str, inferred: int | None) -> str:
    """Return counts as text with how many statuses were inferred, such as `1 failed (1 status inferred)`."""
    if not inferred:
        return state
    return f"{state} ({formatting.count(inferred)} status{'es' if inferred > 1 else ''} inferred)"


def _place(run: Run) -> str:
    return f"{_name(run.thread_key)}{_GAP}{_name(run.id)}"


def _name(raw: str) -> str:
    """Return an id as it is shown to people."""
    return shorten_start(short_id(safe_text(raw)), _SHOWN_ID)


def _measures(run: Run, event: Event) -> str:
    """Return duration and tokens of a run that has ended; of a running run, how long it was queued; of others, ""."""
    if run.terminal:
        seconds, tokens = run.duration(event.at), run.total_tokens
        spent = "" if seconds is None else formatting.span(seconds).replace(" ", "")
        used = "" if tokens is None else f"{formatting.count(tokens)} tokens"
        return _GAP.join(part for part in (spent, used) if part)
    wait = run.wait(event.at) if run.started is not None else None
    return "" if wait is None else f"waited {formatting.span(wait).replace(' ', '')}"


def _model(run: Run) -> str:
    return shorten(model_name(run.model), _SHOWN_ID)


def _activity(event: Event) -> str:
    counts = event.counts
    return "" if counts is None else f"{counts.active:,} active of {counts.total:,}"


def _clock(event: Event, zone: tzinfo | None) -> str:
    return formatting.clock(event.at, zone)


def _join(*parts: str) -> str:
    return _WIDE.join(part for part in parts if part)
