"""Compares the sentence beside an exit code, and the numbers of the same in JSON, with the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from .claims import Claims, read_claims
from .draws import Case
from .truth import CONDITION, Truth
from .world import ENDED

_STATES: Final = {
    "completed": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
    "running": "running",
    "queued": "queued",
    "unknown": "of unknown status",
}
"""Each kind of run, and how a sentence calls it."""

_WHOLE: Final = (0, 1, 4, 5)  # the exit codes whose sentences give all counts


def sentence_differences(case: Case, truth: Truth, sentence: str) -> Iterator[str]:
    """Return in words what a sentence says that is not true, and what it leaves out."""
    claims = read_claims(sentence)
    told = [*_wrong_counts(truth, claims), *_wrong_wholes(case, truth, claims), *_wrong_notes(truth, claims)]
    told += [*_wrong_ends(truth, claims), *_left_out(truth, claims)]
    yield from (f"sentence {sentence!r}: {wrong}" for wrong in told)


def outcome_differences(truth: Truth, summary: dict[str, Any]) -> Iterator[str]:
    """Return in words where the numbers of the summary's `outcome`, and its `ended_by`, are not true."""
    outcome, counts = summary["outcome"], truth.counts
    failed = counts["failed"]
    true: dict[str, Any] = {
        **counts,
        "expected": truth.expected or None,
        "failures": Counter(truth.failures.values()),
    }
    for name, note in (
        ("failed_counted", ""),
        ("failed_allowed", "allowed"),
        ("failed_not_counted", "not counted"),
    ):
        true[name] = failed if truth.note("failed") == note or not failed else 0
    spared = truth.note("cancelled") == "allowed"
    true["cancelled_allowed"] = counts["cancelled"] if spared or not counts["cancelled"] else 0
    for name, value in true.items():
        if outcome[name] != value:
            yield f"summary.outcome.{name}: the watch says {outcome[name]}, true is {value}"
    causes = {cause.replace("-", "_") for cause in truth.causes}
    names = {"give_up": "give_up_after", "nothing": "wait_start"}
    if summary["ended_by"] not in {names.get(cause, cause) for cause in causes}:
        yield f"summary.ended_by: the watch says {summary['ended_by']}, true is {sorted(causes)}"


def _wrong_counts(truth: Truth, claims: Claims) -> Iterator[str]:
    counts = {kind: number or 0 for kind, number in truth.counts.items()}
    ended = sum(counts[kind] for kind in ENDED)
    whys = Counter(truth.failures.values())
    true = {word: counts[kind] for kind, word in _STATES.items()}
    true |= {
        "ended": ended,
        "not ended": counts["total"] - ended,
        "overdue": whys["overdue"],
        "missing": whys["missing"],
    }
    for state, number in claims.counts.items():
        if state in true and number != true[state]:
            yield f"{number} {state}, true is {true[state]}"
    yield from claims.contradictions
    if claims.tokens is not None and claims.tokens != (truth.tokens or 0):
        yield f"{claims.tokens} tokens, true is {truth.tokens}"


def _wrong_wholes(case: Case, truth: Truth, claims: Claims) -> Iterator[str]:
    watched = len(truth.members)
    for whole in claims.wholes:
        if whole != watched:
            yield f"of {whole} runs, true is of {watched}"
    if claims.matching is not None and claims.matching != truth.matching:
        yield f"{claims.matching} match, true is {truth.matching}"
    if claims.came is not None and claims.came != (watched, truth.expected):
        yield f"{claims.came[0]} of {claims.came[1]} came, true is {watched} of {truth.expected}"
    amounts = {limit.amount for limit in (case.wanted.allow, case.wanted.allow_cancelled) if limit.percent}
    for share, whole, expected in claims.shares:
        if share not in amounts or whole != truth.counting or expected != (truth.counting > watched):
            yield f"{share:g}% of {whole} runs, true is {sorted(amounts)}% of {truth.counting}"


def _wrong_notes(truth: Truth, claims: Claims) -> Iterator[str]:
    for state in ("failed", "cancelled"):
        said = claims.notes.get(state, "")
        if claims.counts.get(state) and said != truth.note(state):
            yield f"{state} runs are said to be {said or 'counted'}, true is {truth.note(state) or 'counted'}"


def _wrong_ends(truth: Truth, claims: Claims) -> Iterator[str]:
    for name in sorted(claims.enders - truth.causes):
        yield f"{name} did not end it, but {sorted(truth.causes)}"
    if not claims.enders and truth.verdict in (*_WHOLE, 6):
        yield f"it does not say that {sorted(truth.causes)} ended it"


def _left_out(truth: Truth, claims: Claims) -> Iterator[str]:
    if truth.verdict not in _WHOLE:
        return
    for kind, word in _STATES.items():
        if truth.counts[kind] and word not in claims.counts:
            yield f"it leaves out {truth.counts[kind]} {word}"
    if len(truth.members) < truth.expected and claims.came is None and truth.read:
        yield f"it does not say that {len(truth.members)} of {truth.expected} expected runs came"
    if truth.causes == {CONDITION} and "condition" not in claims.enders:
        yield "it does not say that the condition is met"
