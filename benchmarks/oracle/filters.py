"""The filters that a walk asks for: what each means, said anew here and not taken from flowtui's own."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.oracle.api import Api, Fact

Test = Callable[[Fact, Api, float, float], set[bool]]
"""Returns whether a run fits at moments between two epoch seconds: one answer, or both."""


def _status(word: str) -> Test:
    def test(fact: Fact, _api: Api, first: float, last: float) -> set[bool]:
        found = {status == word for status in fact.statuses(first, last)}
        return found | ({False} if first < fact.created else set())

    return test


def _agent(name: str) -> Test:
    return lambda fact, _api, _first, _last: {fact.agent == name}


def _more_tokens(than: int) -> Test:
    def test(fact: Fact, api: Api, first: float, last: float) -> set[bool]:
        return {(api.tokens(fact, max(at, fact.created)) or 0) > than for at in (first, last)}

    return test


def _younger(than: float) -> Test:
    # A filter by time is asked again when a second has passed, and once more where drawing took its time.
    return lambda fact, _api, first, last: {at - fact.created < than for at in (first - 2.0, last + 2.0)}


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
    """Return what `a` and `!` leave in sight, by the title of the table; None where neither is on.

    Of problems only the failed ones are sure: the others depend on what flowtui finds suspect.
    """
    if "active only" in title:
        return lambda fact, first, last: fact.active(first, last)
    if "problems only" in title:
        return lambda fact, first, last: (
            {True} if {"failed"} == fact.statuses(first, last) and fact.created <= first else {True, False}
        )
    return None
