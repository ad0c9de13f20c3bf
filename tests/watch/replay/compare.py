"""Compares what a watch said with what it must say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from .draws import Case
from .oracle import Truth
from .play import Played
from .sentences import outcome_differences, sentence_differences
from .world import stamp

_SOON: Final = 0.3  # seconds: updates are handled at most ten times a second
_COMPARED: Final = ("run.appeared", "run.status", "run.usage", "run.finding")


def differences(case: Case, truth: Truth, played: Played) -> list[str]:
    """Return in words where a watch differs from the contract; nothing if it keeps to it."""
    found = [*_verdict(truth, played), *_summary(truth, played), *outcome_differences(truth, played.summary)]
    found += sentence_differences(case, truth, played.reason)
    return found + [*_events(case, truth, played), *_file(truth, played)]


def _differs(what: str, said: object, true: object) -> Iterator[str]:
    if said != true:
        yield f"{what}: the watch says {said}, true is {true}"


def _verdict(truth: Truth, played: Played) -> Iterator[str]:
    yield from _differs("exit code", played.code, truth.code)
    if abs(played.ended - truth.ended) > _SOON:
        yield f"end: the watch ended after {played.ended:g}s, true is {truth.ended:g}s by {sorted(truth.causes)}"


def _summary(truth: Truth, played: Played) -> Iterator[str]:
    summary = played.summary
    yield from _differs("summary.exit", summary["exit"], truth.code)
    yield from _differs("summary.verdict", summary["verdict"], truth.verdict)
    for word, number in truth.counts.items():
        yield from _differs(f"summary.counts.{word}", summary["counts"].get(word), number)
    yield from _differs("summary.tokens", summary["tokens"], truth.tokens)
    listed = {row["run_id"]: row["because"] for row in summary["failed"] if row["run_id"] in truth.members}
    yield from _differs("summary.failed", listed, truth.failures)
    if abs(summary["duration_s"] - played.ended) > _SOON:
        yield f"summary.duration_s: {summary['duration_s']}, but it ended after {played.ended}"


def _file(truth: Truth, played: Played) -> Iterator[str]:
    document = played.document
    for name, value in played.summary.items():
        yield from _differs(f"summary file: {name}", document.get(name), value)
    rows = {row["run_id"]: row["status_class"] for row in document["runs"]}
    yield from _differs("summary file: runs", rows, {name: member.kind for name, member in truth.members.items()})


# -- the events


def _events(case: Case, truth: Truth, played: Played) -> Iterator[str]:
    names = [event["event"] for event in played.events]
    if names.count("summary") != 1 or names[-1] != "summary":
        yield f"events: exactly one summary must be the last, but they are {names}"
    if any(event["v"] != 1 for event in played.events):
        yield "events: not all are of version 1"
    if case.wanted.quiet:
        return
    yield from _differs("first event", names[0], "watch.started")
    yield from _same_events(truth, played.events)
    yield from _ascending(played.events)
    yield from _beats(case, truth, played)
    if ("poll.error" in names) != truth.troubled:
        yield f"poll.error: {'poll.error' in names}, true is {truth.troubled}"


def _same_events(truth: Truth, events: list[dict[str, Any]]) -> Iterator[str]:
    """Compare the events about runs, each as (run, event, what, when)."""
    said = sorted(_gist(event) for event in events if event["event"] in _COMPARED)
    true = sorted(_gist({**event, "at": stamp(event["at"])}) for event in truth.events)
    for event in said:
        if event not in true:
            yield f"event {event} is not true"
    for event in true:
        if event not in said:
            yield f"event {event} is missing"
    if len(said) != len(set(said)):
        yield "an event comes twice"


def _gist(event: dict[str, Any]) -> tuple[str, ...]:
    names = {"run.status": ("from", "to"), "run.usage": ("total_tokens",), "run.finding": ("finding",)}
    what = [event[name] for name in names.get(event["event"], ("status",))]
    return (event["run_id"], event["event"], str(what), event["at"])


def _ascending(events: list[dict[str, Any]]) -> Iterator[str]:
    last: dict[str, str] = {}
    for event in events:
        name = event.get("run_id")
        if name and event["at"] < last.get(name, ""):
            yield f"events of {name}: {event['event']} of {event['at']} comes after {last[name]}"
        if name:
            last[name] = event["at"]


def _beats(case: Case, truth: Truth, played: Played) -> Iterator[str]:
    beats = [event["at"] for event in played.events if event["event"] == "heartbeat"]
    wanted = int(truth.ended / case.wanted.heartbeat)
    if abs(len(beats) - wanted) > 1 + wanted // 10:
        yield f"heartbeats: {len(beats)}, true is about {wanted}"
    if any(first > second for first, second in pairwise(beats)):
        yield "heartbeats are out of order"
