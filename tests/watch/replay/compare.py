"""Compares what a watch said with what it must say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final

from .draws import Case
from .play import Played, why_of
from .recorded import Record
from .sentences import outcome_differences, sentence_differences
from .truth import Truth
from .world import moment_of

_PATIENCE: Final = 3.0
_ROUNDING: Final = 0.0011  # events have milliseconds
_SAYS: Final = {
    "run.appeared": ("status",),
    "run.status": ("from", "to"),
    "run.usage": ("total_tokens",),
    "run.finding": ("finding",),
}
"""The events about runs, and the fields that are compared."""


def differences(case: Case | Record, truth: Truth, played: Played, slack: float = 0.0) -> list[str]:
    """Return in words where a watch differs from the contract; nothing if it keeps to it.

    `slack`: how many seconds after the answer that causes it an event or the end may come.
    """
    found = [
        *_verdict(truth, played, slack),
        *_summary(truth, played),
        *outcome_differences(truth, played.summary),
    ]
    found += sentence_differences(case, truth, played.reason)
    return [*found, *_events(case, truth, played, slack), *_file(truth, played)]


def _differs(what: str, said: object, true: object) -> Iterator[str]:
    if said != true:
        yield f"{what}: the watch says {said}, true is {true}"


def _verdict(truth: Truth, played: Played, slack: float) -> Iterator[str]:
    yield from _differs("exit code", played.code, truth.code)
    # The summary may wait for the reasons of failures, for some seconds.
    patience = _PATIENCE if truth.counts["failed"] else 0.0
    if not -_ROUNDING <= played.ended - truth.ended <= patience + slack + _ROUNDING:
        yield f"end: the watch ended after {played.ended:g}s, true is {truth.ended:g}s by {sorted(truth.causes)}"


def _summary(truth: Truth, played: Played) -> Iterator[str]:
    summary = played.summary
    yield from _differs("summary.exit", summary["exit"], truth.code)
    yield from _differs("summary.verdict", summary["verdict"], truth.verdict)
    for word, number in truth.counts.items():
        yield from _differs(f"summary.counts.{word}", summary["counts"].get(word), number)
    yield from _differs("summary.tokens", summary["tokens"], truth.tokens)
    yield from _differs("summary.inferred", summary["inferred"], truth.inferred)
    listed = {row["run_id"]: row["because"] for row in summary["failed"] if row["run_id"] in truth.members}
    yield from _differs("summary.failed", listed, truth.failures)
    yield from _reasons(summary["failed"])
    if abs(summary["duration_s"] - played.ended) > _ROUNDING:
        yield f"summary.duration_s: {summary['duration_s']}, but it ended after {played.ended}"


def _reasons(told: list[dict[str, Any]]) -> Iterator[str]:
    """Return which reasons are those of another run; a reason may be unknown."""
    for fields in told:
        run, why = fields["run_id"], fields.get("reason")
        if why is not None and run.startswith("run_") and "broke" in why and why_of(run) not in why:
            yield f"the reason of {run}: {why}"


def _file(truth: Truth, played: Played) -> Iterator[str]:
    document = played.document
    for name, value in played.summary.items():
        yield from _differs(f"summary file: {name}", document.get(name), value)
    rows = {row["run_id"]: row["status_class"] for row in document["runs"]}
    yield from _differs(
        "summary file: runs", rows, {name: member.kind for name, member in truth.members.items()}
    )


# -- the events


def _events(case: Case | Record, truth: Truth, played: Played, slack: float) -> Iterator[str]:
    names = [event["event"] for event in played.events]
    if names.count("summary") != 1 or names[-1] != "summary":
        yield f"events: exactly one summary must be the last, but they are {names}"
    if any(event["v"] != 1 for event in played.events):
        yield "events: not all are of version 1"
    if case.wanted.quiet:
        return
    yield from _differs("first event", names[0], "watch.started")
    yield from _same_events(truth, played.events, slack)
    yield from _ascending(played.events)
    yield from _reasons([event for event in played.events if event["event"] == "run.status"])
    yield from _beats(case, truth, played)
    over = [moment_of(event["at"]) for event in played.events if event["event"] == "poll.recovered"]
    yield from _differs(
        "poll.recovered", [round(at, 2) for at in over], [round(at, 2) for at in truth.recovered]
    )
    if ("poll.error" in names) != truth.troubled:
        yield f"poll.error: {'poll.error' in names}, true is {truth.troubled}"


def _same_events(truth: Truth, events: list[dict[str, Any]], slack: float) -> Iterator[str]:
    """Compare the events about runs: run, event, what it says, and when, with at most `slack` seconds between."""
    said, true = _grouped(events, moment_of), _grouped(truth.events, float)
    for gist in sorted(said.keys() | true.keys()):
        heard, right = said.get(gist, []), true.get(gist, [])
        if len(heard) != len(right):
            yield f"event {gist} comes {len(heard)} times, true is {len(right)}"
        for moment, at in zip(heard, right, strict=False):
            if abs(moment - at) > slack + _ROUNDING:
                yield f"event {gist} is dated {moment:g}, true is {at:g}"


def _grouped(
    events: list[dict[str, Any]], moment: Callable[[Any], float]
) -> dict[tuple[str, ...], list[float]]:
    """Return the moments of the events about runs, by run, event and what it says."""
    found: dict[tuple[str, ...], list[float]] = {}
    for event in events:
        if event["event"] in _SAYS:
            what = str([event[name] for name in _SAYS[event["event"]]])
            found.setdefault((event["run_id"], event["event"], what), []).append(moment(event["at"]))
    return {gist: sorted(moments) for gist, moments in found.items()}


def _ascending(events: list[dict[str, Any]]) -> Iterator[str]:
    last: dict[str, str] = {}
    for event in events:
        name = event.get("run_id")
        if name and event["at"] < last.get(name, ""):
            yield f"events of {name}: {event['event']} of {event['at']} comes after {last[name]}"
        if name:
            last[name] = event["at"]


def _beats(case: Case | Record, truth: Truth, played: Played) -> Iterator[str]:
    beats = [event["at"] for event in played.events if event["event"] == "heartbeat"]
    wanted = int(truth.ended / case.wanted.heartbeat)
    if abs(len(beats) - wanted) > 1 + wanted // 10:
        yield f"heartbeats: {len(beats)}, true is about {wanted}"
    if any(first > second for first, second in pairwise(beats)):
        yield "heartbeats are out of order"
