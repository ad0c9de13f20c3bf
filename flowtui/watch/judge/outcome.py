"""How a watch ends: exit code, what ended it, and true counts. Every sentence about a verdict is written from these. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flowtui import formatting
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED, RUNNING, UNKNOWN
from flowtui.text import safe_text, short_id
from flowtui.watch.ledger import Counts, Failures, Ledger, without_labels
from flowtui.watch.options import GATE, Options

CONDITION: Final = "condition"
GATE_DECIDED: Final = "gate"
NONE_CAN_MATCH: Final = "no_match"
FAIL_FAST: Final = "fail_fast"
TIMEOUT: Final = "timeout"
STALL: Final = "stall"
MAX_TOKENS: Final = "max_tokens"
GIVE_UP_AFTER: Final = "give_up_after"
REFUSED: Final = "refused"
LABELS: Final = "labels"
WAIT_START: Final = "wait_start"
ONCE: Final = "once"
SIGNAL: Final = "signal"
DEFECT: Final = "defect"

ENDED_BY: Final[Mapping[str, str]] = {
    CONDITION: "the condition of --for is met",
    GATE_DECIDED: "the gate is met, or certain not to be met",
    NONE_CAN_MATCH: "every watched run has ended, and none matches --for",
    FAIL_FAST: "--fail-fast, at the first failure beyond --allow-failures",
    TIMEOUT: "--timeout, or the 30 minutes that --first has without it",
    STALL: "--stall",
    MAX_TOKENS: "--max-tokens",
    GIVE_UP_AFTER: "the API did not answer for --give-up-after",
    REFUSED: "the API refused for good, such as with HTTP 401",
    LABELS: "no span named the labels of runs for --give-up-after",
    WAIT_START: "--wait-start, without enough runs",
    ONCE: "--once, without a verdict",
    SIGNAL: "a signal",
    DEFECT: "flowtui itself failed",
}
"""The values of the field `ended_by` of the summary, and what each means."""

_NAMES: Final = 3  # most runs that a sentence names; the summary has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many of the watched runs ended how, and how many have not ended.

    `counts`: the numbers by status class.
    `expected`: how many runs were to come (--expect, --first, --run); 0: no number was given.
    `failed_counted`, `failed_allowed`, `failed_not_counted`: the failed runs, split: those that make the exit code 1,
    those within `--allow-failures`, and those that `--fail-on` does not name.
    `cancelled_allowed`: how many cancelled runs are within `--allow-cancelled`: all or none.
    `failures`: name in `--fail-on` -> how many runs and threads count because of it, allowed ones included.
    `allowed`: whether these failures are within `--allow-failures`.
    `limit`, `cancelled_limit`: the allowances with what a percentage is of, such as `--allow-failures 5% of 40 runs`.
    `gated`: whether a gate judges the runs, so that no failed run is left out.
    """

    counts: Counts
    expected: int = 0
    failed_counted: int = 0
    failed_allowed: int = 0
    failed_not_counted: int = 0
    cancelled_allowed: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    allowed: bool = True
    limit: str = ""
    cancelled_limit: str = ""
    gated: bool = False

    def of_class(self, status_class: str) -> int:
        """Return how many watched runs have this status class."""
        return self.counts.by_class.get(status_class, 0)

    @property
    def text(self) -> str:
        """The counts as a text, such as `3 completed, 1 cancelled; 2 failed, allowed (--allow-failures 2)`.

        Failed and cancelled runs that do not count are clauses of their own. Numbers of 0 are left out.
        """
        partly = "not all threads were read" if self.counts.known and self.counts.unread else ""
        return "; ".join(filter(None, (self._plain(), *self._qualified(), self.came, partly)))

    @property
    def came(self) -> str:
        """How many of the expected runs came, if not all did; else ""."""
        total = self.counts.total
        if not self.counts.known or total >= self.expected:
            return ""
        return f"{formatting.count(total)} of {formatting.count(self.expected)} expected runs came"

    @property
    def none_failed(self) -> bool:
        """Whether no watched run has failed, nor counts as a failure for another reason."""
        return not self.of_class(FAILED) and not set(self.failures) - {CANCELLED}

    def _plain(self) -> str:
        if not self.counts.known:
            return f"{formatting.UNKNOWN} runs, {self.counts.unread}"
        failed = self.of_class(FAILED) if self.gated else self.failed_counted
        cancelled = self.of_class(CANCELLED) - self.cancelled_allowed
        numbers = {COMPLETED: self.of_class(COMPLETED), FAILED: failed, CANCELLED: cancelled}
        numbers |= {word: self.of_class(word) for word in (RUNNING, QUEUED)}
        parts = [f"{formatting.count(number)} {word}" for word, number in numbers.items() if number]
        if unknown := self.of_class(UNKNOWN):
            parts.append(f"{formatting.count(unknown)} of unknown status")
        return ", ".join(filter(None, (*parts, without_labels(self.counts.labels_unread))))

    def _qualified(self) -> list[str]:
        """Return a clause for each kind of failed or cancelled runs that do not count."""
        clauses = []
        if self.failed_allowed:
            clauses.append(f"{formatting.count(self.failed_allowed)} failed, allowed{_inside(self.limit)}")
        if self.failed_not_counted and not self.gated:
            clauses.append(f"{formatting.count(self.failed_not_counted)} failed, not counted (--fail-on)")
        if self.allowed:
            others = {
                word: number for word, number in self.failures.items() if word not in (FAILED, CANCELLED)
            }
            clauses += [
                f"{formatting.count(number)} {word}, allowed{_inside(self.limit)}"
                for word, number in others.items()
            ]
        if self.cancelled_allowed:
            said = f"{formatting.count(self.cancelled_allowed)} cancelled, allowed"
            clauses.append(f"{said}{_inside(self.cancelled_limit)}")
        if self.counts.known and self.counts.inferred:
            number = self.counts.inferred
            clauses.append(f"{formatting.count(number)} status{'es' if number > 1 else ''} inferred")
        return clauses

    def fields(self) -> dict[str, Any]:
        """Return the counts as JSON fields. Each number is None as long as the counts are unknown."""
        numbers = {
            "total": self.counts.total,
            **{
                word: self.of_class(word) for word in (COMPLETED, FAILED, CANCELLED, RUNNING, QUEUED, UNKNOWN)
            },
            "failed_counted": self.failed_counted,
            "failed_allowed": self.failed_allowed,
            "failed_not_counted": self.failed_not_counted,
            "cancelled_allowed": self.cancelled_allowed,
            "inferred": self.counts.inferred,
            "labels_unread": self.counts.labels_unread,
        }
        return {
            "text": self.text,
            "unread": self.counts.unread or None,
            "expected": self.expected or None,
            **(numbers if self.counts.known else dict.fromkeys(numbers)),
            "failures": dict(self.failures),
            "allow_failures": self.limit or None,
            "allow_cancelled": self.cancelled_limit or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a watch ends. All text is display-safe.

    `code`: the exit code without `--exit-zero`.
    `condition`: what was waited for: `all`, `any`, `idle`, the expression of --for, or `gate`.
    `ended_by`: what ended the watch, a key of `ENDED_BY`.
    `ended`: the same for people, such as `--timeout 40s reached, 1 run not ended`.
    `tally`: the counts.
    `decided`: what the exit code comes from, such as `2 failed: run_71, run_72`; "" if it is what ended the watch.
    `notes`: further facts, such as runs whose agents are not active.
    """

    code: int
    condition: str
    ended_by: str
    ended: str
    tally: Tally
    decided: str = ""
    notes: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The sentence beside the exit code: what it comes from, what ended the watch, counts, notes."""
        return "; ".join(filter(None, (self.decided, self.ended, self.tally.text, *self.notes)))


def tally_of(ledger: Ledger, options: Options) -> Tally:
    """Return the counts of the watched runs. Takes time for each failed run, so it is called at the end only."""
    counts, number = ledger.counts, options.counting(ledger.total)
    failures = ledger.failures(options.fail_on)
    allowed = options.allow.allows(failures.number, number)
    failed = counts.by_class.get(FAILED, 0)
    named = sum(each.run is not None and each.run.status_class == FAILED for each in failures.kept)
    named += ledger.folded_failed(options.fail_on)
    cancelled = counts.by_class.get(CANCELLED, 0)
    spared = options.allow_cancelled.given and options.allow_cancelled.allows(cancelled, number)
    of = "run" if number <= ledger.total else "expected run"
    return Tally(
        counts=counts,
        expected=options.wanted,
        failed_counted=0 if allowed else named,
        failed_allowed=named if allowed else 0,
        failed_not_counted=failed - named,
        cancelled_allowed=cancelled if spared else 0,
        failures=failures.words,
        allowed=allowed,
        limit=options.allow.text("--allow-failures", number, of),
        cancelled_limit=options.allow_cancelled.text("--allow-cancelled", number, of),
        gated=options.until == GATE,
    )


def failure_words(failures: Failures, limit: str = "") -> str:
    """Return a text about the failures, such as `2 failed, 1 overdue: run_71, run_72, run_80`.

    `limit`: the allowance that they exceed; "" if none was given.
    """
    said = ", ".join(f"{formatting.count(number)} {word}" for word, number in failures.words.items())
    ids = [
        f"thread {short_id(safe_text(each.thread))}" if each.run is None else short_id(each.run.id)
        for each in failures.kept
    ]
    return f"{said}{f', more than {limit}' if limit else ''}: {names(ids, failures.number)}"


def names(ids: Sequence[str], number: int = 0) -> str:
    """Return the first three of these display-safe ids, and how many more there are. `number`: of all, if not all are given."""
    rest = max(number, len(ids)) - min(_NAMES, len(ids))
    return ", ".join(ids[:_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _inside(limit: str) -> str:
    return f" ({limit})" if limit else ""
