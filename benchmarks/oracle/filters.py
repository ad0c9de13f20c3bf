"""The filters that a session types, implemented a second time so that an error in flowtui's own shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.oracle.api import Api, Fact
from benchmarks.oracle.claim import Claim, Moment
from benchmarks.oracle.seen import Table

Test = Callable[[Fact, Api, float, float], set[bool]]
"""Returns whether a run matches between two epoch seconds: {True}, {False}, or both."""


def _status(word: str) -> Test:
    def test(fact: Fact, _api: Api, first: float, last: float) -> set[bool]:
        found = {status == word for status in fact.statuses(first, last)}
        return found | ({False} if first < fact.created else set())

    return test


def _agent(name: str) -> Test:
    return lambda fact, _api, _first, _last: {fact.agent == name}


def _more_tokens(than: int) -> Test:
    def test(fact: Fact, api: Api, first: float, last: float) -> set[bool]:
        found = {(api.tokens(fact, max(at, fact.created)) or 0) > than for at in (first, last)}
        # Until a run reports usage, what flowtui has read of its spans counts, which may be all or nothing.
        live = api.tokens(fact, max(first, fact.created)) is None and api.span_tokens(fact, last) > than
        return found | {True, False} if live else found

    return test


def _younger(than: float) -> Test:
    # flowtui evaluates a filter by time once a second, and drawing may take another second.
    return lambda fact, _api, first, last: {at - fact.created < than for at in (first - 2.0, last + 2.0)}


_ALL = frozenset({"Runs", "all threads", "active only", "problems only", "order paused"})

FILTERS: dict[str, Test] = {
    "status:failed": _status("failed"),
    "status:completed": _status("completed"),
    "status:running": _status("running"),
    "agent:triage": _agent("triage"),
    "agent:refunds": _agent("refunds"),
    "tokens>5000": _more_tokens(5000),
    "age<5m": _younger(300.0),
    "status:cancelled": _status("cancelled"),
}


def only(title: str) -> Callable[[Fact, float, float], set[bool]] | None:
    """Return the test of `a` (active only) or `!` (problems only) if the title of the table shows one, else None.

    Among the problems only failed runs are certain: the others depend on flowtui's findings.
    """
    if "active only" in title:
        return lambda fact, first, last: fact.active(first, last)
    if "problems only" in title:
        return lambda fact, first, last: (
            {True} if {"failed"} == fact.statuses(first, last) and fact.created <= first else {True, False}
        )
    return None


def judge_filter(table: Table, api: Api, facts: dict[str, Fact], moment: Moment) -> Iterator[Claim]:
    """Yield rows that do not match the filter, and matching runs that are not shown."""
    if not is_known(table):
        return
    parts, words = _parts(table), table.filter
    test = FILTERS.get(words)
    which = only(table.title)
    chosen = next((part for part in parts if part.startswith("thr_")), None)

    def fits(fact: Fact, first: float, last: float) -> set[bool]:
        found = [which(fact, first, last)] if which is not None else []
        found += [test(fact, api, first, last)] if test is not None else []
        found += [{fact.thread == chosen}] if chosen is not None else []
        if any(answer == {False} for answer in found):
            return {False}
        return {True} if all(answer == {True} for answer in found) else {True, False}

    for row in table.rows:
        fact = facts.get(row.id)
        if (
            fact is not None
            and not row.leaves
            and fits(fact, moment.first - moment.moving, moment.last) == {False}
        ):
            yield Claim(
                "filter",
                row.id,
                f"shown in {table.title}",
                f"{row.status}: it does not fit, nor says `leaves`",
            )
    if not table.room or table.waits or "paused" in table.title:
        return
    shown = {row.id for row in table.rows}
    for fact in facts.values():
        if fact.created > moment.first - moment.resting or fact.id in shown:
            continue
        if fits(fact, moment.first - moment.resting, moment.last) == {True}:
            yield Claim(
                "missing", fact.id, f"not shown in {table.title}", "it fits, and there is room for it"
            )


def is_known(table: Table) -> bool:
    """Return whether this module implements all that the table's title selects.

    It does not for an incomplete filter, or for the name of a saved view.
    """
    known = all(part in _ALL or part.startswith(('"', "thr_", "since ")) for part in _parts(table))
    return known and table.filter in ("", *FILTERS)


def _parts(table: Table) -> list[str]:
    return [part.strip() for part in table.title.split("·")]
