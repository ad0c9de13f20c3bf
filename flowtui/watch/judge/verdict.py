"""Decides from facts and options when a watch ends, and with which exit code and reason. Pure.

If several verdicts apply at once, `exits.most_severe` chooses one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from flowtui import formatting
from flowtui.model.run.row import CANCELLED
from flowtui.text import safe_text, short_id
from flowtui.watch import exits
from flowtui.watch.judge.gate import FAIL, PASS, reason
from flowtui.watch.ledger import CountedFailure, Ledger, without_labels
from flowtui.watch.options import ALL, ANY, GATE, IDLE, MATCH, Options

if TYPE_CHECKING:  # a watch without a gate needs no judge
    from flowtui.model.gate.answer import Answer

_NAMES: Final = 3  # most runs that a reason names; the summary has all


class Verdict(NamedTuple):
    """How a watch ends. `code`: the exit code without `--exit-zero`. `reason`: a display-safe text that says why it ends."""

    code: int
    reason: str


class Trouble(NamedTuple):
    """A failure to read what the verdict needs. `seconds`: for how long it has lasted. `final`: no retry can help."""

    message: str
    seconds: float
    final: bool


class UnreadLabels(NamedTuple):
    """The runs that would be watched if their labels matched, but whose labels are not read yet.

    `total`: how many there are.
    `lost`: of how many the labels cannot be read: they have ended, and no span has named them for `--give-up-after`.
    `early`: how many of them were seen within `--wait-start`.
    `blocking`: for how many of them a met condition has to wait: those that were seen before it had settled. On a busy server
    later ones appear all the time, and without labels nobody knows that they are not wanted.
    """

    total: int = 0
    lost: int = 0
    early: int = 0
    blocking: int = 0


NONE_UNREAD: Final = UnreadLabels()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the verdict depends on.

    `elapsed`: seconds since the watch began.
    `loaded`: whether each needed thread was read once or can never be read.
    `fixed`: whether no more runs will be watched.
    `idle`: whether the condition of `--for idle` is met.
    `matched`: how many runs match `--for EXPR`.
    `held`: seconds since the end condition became true.
    `checked`: whether an observation after the settling time has confirmed the end condition.
    `still`: seconds since a watched run changed or an outage ended.
    `trouble`: the current outage; None if there is none.
    `lost`: ids of the named threads that can never be read.
    `labels`: the runs whose labels are not read yet.
    `gate`: the current result of `--gate`; None if there is none.
    `signal`: the exit code of a caught signal; None if none was caught.
    """

    ledger: Ledger
    elapsed: float
    loaded: bool = True
    fixed: bool = False
    idle: bool = False
    matched: int = 0
    held: float = 0.0
    checked: bool = True
    still: float = 0.0
    trouble: Trouble | None = None
    lost: Sequence[str] = ()
    labels: UnreadLabels = NONE_UNREAD
    gate: Answer | None = None
    signal: int | None = None


def condition(facts: Facts, options: Options) -> bool:
    """Whether the end condition is true now. It may not have settled yet."""
    ledger = facts.ledger
    if options.until == GATE:
        return facts.gate is not None and facts.gate.verdict == PASS
    if not facts.loaded or (len(ledger.runs) < options.expected and not _empty_is_fine(options)):
        return False
    if options.until == IDLE:
        return facts.idle
    if options.until == ANY:
        return ledger.ended > 0
    if options.until == ALL:
        # An overdue or missing run that counts as a failure may never end, so the watch does not wait for it.
        return 0 < len(ledger.runs) <= ledger.ended + ledger.given_up(options.fail_on)
    return facts.matched > 0


def _empty_is_fine(options: Options) -> bool:
    return options.until == IDLE and not options.narrowed


def judge(facts: Facts, options: Options) -> Verdict | None:
    """Return the verdict with which the watch ends now; None if the watch goes on."""
    ends = [
        verdict
        for verdict in (
            _signalled(facts),
            _gate_closed(facts),
            _condition_ended(facts, options),
            _failed_fast(facts, options),
            _guarded(facts, options),
            _gave_up(facts, options),
            _labels_lost(facts),
            _timed_out(facts, options),
            _nothing(facts, options),
            _pending(facts, options),
        )
        if verdict is not None
    ]
    if not ends:
        return None
    ends += _what_was_seen(facts, options, ends)
    code = exits.most_severe(verdict.code for verdict in ends)
    return next(verdict for verdict in ends if verdict.code == code)


# -- what ends a watch -----------------------------------------------------------------------------------------


def _signalled(facts: Facts) -> Verdict | None:
    if facts.signal is None:
        return None
    name = {exits.HANGUP: "SIGHUP", exits.INTERRUPTED: "SIGINT", exits.TERMINATED: "SIGTERM"}
    return Verdict(facts.signal, f"stopped by {name.get(facts.signal, 'a signal')}")


def _condition_ended(facts: Facts, options: Options) -> Verdict | None:
    if condition(facts, options):
        if options.settles and not (facts.held >= options.settle and facts.checked and facts.trouble is None):
            return None
        if facts.labels.blocking and options.until in (ALL, IDLE):
            return None
        if facts.lost:
            names = ", ".join(facts.lost[:_NAMES])
            return Verdict(exits.UNANSWERED, f"{names}: cannot be read; the condition is met elsewhere")
        counted_failures = facts.ledger.counted_failures(options.fail_on)
        allowed = f"; allowed: {failure_words(counted_failures)}" if counted_failures else ""
        return Verdict(exits.MET, _met(facts, options) + allowed)
    ledger = facts.ledger
    over = facts.fixed and 0 < len(ledger.runs) == ledger.ended
    if over and options.until == MATCH:
        return Verdict(exits.NOTHING, "every watched run has ended, and none matches --for")
    return None


def _gate_closed(facts: Facts) -> Verdict | None:
    """Return FAILED as soon as the gate has failed: neither later runs nor an outage can change that."""
    if facts.gate is None or facts.gate.verdict != FAIL:
        return None
    return Verdict(exits.FAILED, reason(facts.gate))


def _met(facts: Facts, options: Options) -> str:
    if facts.gate is not None:
        return reason(facts.gate)
    number = len(facts.ledger.runs)
    if options.until == IDLE:
        return "no run is active"
    if options.until == ANY:
        return f"{facts.ledger.ended} of {formatting.plural(number, 'run')} ended"
    if options.until == ALL:
        return f"{formatting.plural(number, 'run')} ended"
    return f"{facts.matched} of {formatting.plural(number, 'run')} match"


def _failed_fast(facts: Facts, options: Options) -> Verdict | None:
    # Listing the failures costs time, so it is done only with --fail-fast.
    if not options.fail_fast:
        return None
    counted_failures = facts.ledger.counted_failures(options.fail_on)
    if _allowed(counted_failures, facts, options):
        return None
    return Verdict(exits.FAILED, failure_words(counted_failures))


def _guarded(facts: Facts, options: Options) -> Verdict | None:
    tokens = facts.ledger.counts.tokens
    if options.max_tokens is not None and tokens is not None and tokens > options.max_tokens:
        said = f"{formatting.count(tokens)} tokens, more than --max-tokens {formatting.count(options.max_tokens)}"
        return Verdict(exits.GUARD, said)
    stalled = _stalled(facts, options)
    return Verdict(exits.GUARD, stalled) if stalled else None


def _gave_up(facts: Facts, options: Options) -> Verdict | None:
    trouble = facts.trouble
    if trouble is None or not (trouble.final or trouble.seconds >= options.give_up_after):
        return None
    patience = "" if trouble.final else f"no answer for {formatting.span(trouble.seconds)}: "
    return Verdict(exits.UNANSWERED, f"{patience}{trouble.message}")


def _labels_lost(facts: Facts) -> Verdict | None:
    """Return UNANSWERED if ended runs may be wanted, and no span tells: a success would only be a guess."""
    lost = facts.labels.lost
    if not lost:
        return None
    them = "it" if lost == 1 else "them"
    said = f"the labels of {formatting.plural(lost, 'run')} could not be read: no span names {them}"
    return Verdict(exits.UNANSWERED, said)


def _timed_out(facts: Facts, options: Options) -> Verdict | None:
    if options.timeout is None or facts.elapsed < options.timeout:
        return None
    ledger = facts.ledger
    open_ends = len(ledger.runs) - ledger.ended
    state = _not_ended(ledger, open_ends) if ledger.runs else _unmatched(facts)
    if options.until == GATE:
        if condition(facts, options) and facts.trouble is None:
            return Verdict(exits.MET, _met(facts, options))
        state = f"the gate is undecided: {_open(facts)}"
    elif ledger.runs and facts.labels.total:
        state += f", {without_labels(facts.labels.total)}"
    return Verdict(exits.TIMED_OUT, f"--timeout {_span(options.timeout)} reached, {state}")


def _not_ended(ledger: Ledger, number: int) -> str:
    return f"{formatting.plural(number, 'run')} not ended{_agents_not_active(ledger)}"


def _agents_not_active(ledger: Ledger) -> str:
    """Return which runs do not start because their agent is not active; "" if there are none."""
    waiting = [short_id(run.id) for run in ledger.waiting_for_agents]
    if not waiting:
        return ""
    wait = "waits for an agent that is" if len(waiting) == 1 else "wait for agents that are"
    return f"; {len(waiting)} {wait} not active: {_names(waiting)}"


def _unmatched(facts: Facts) -> str:
    """Return `no run matched`; but if not all threads or labels were read, return how much was read, and why not more."""
    unread = facts.ledger.unread
    if not unread and facts.labels.total:
        unread = f"no run matched so far, {without_labels(facts.labels.total)}"
    elif not unread:
        return "no run matched"
    return unread if facts.trouble is None else f"{unread}: {facts.trouble.message}"


def _open(facts: Facts) -> str:
    """Return why a gate is undecided, such as an outage, missing answers or too few runs."""
    if facts.trouble is not None:
        return facts.trouble.message
    return "not every thread has answered yet" if facts.gate is None else reason(facts.gate)


def _nothing(facts: Facts, options: Options) -> Verdict | None:
    """Return the verdict that too few runs have appeared in time. None during an outage, as runs may exist unread."""
    number = len(facts.ledger.runs)
    if not facts.loaded or number >= options.expected or facts.trouble is not None or _empty_is_fine(options):
        return None
    if facts.labels.early:
        return None  # they may match
    if not options.once and facts.elapsed < options.wait_start:
        return None
    if facts.lost and not number:
        return Verdict(exits.UNANSWERED, f"{', '.join(facts.lost[:_NAMES])}: cannot be read")
    within = "" if options.once else f" within {_span(options.wait_start)}"
    if options.expected > 1:
        return Verdict(exits.NOTHING, f"{number} of {options.expected} expected runs appeared{within}")
    return Verdict(exits.NOTHING, f"no run matched{within}")


def _pending(facts: Facts, options: Options) -> Verdict | None:
    waits_for_labels = facts.labels.total and options.until in (ALL, IDLE)
    if not (options.once and facts.loaded) or (condition(facts, options) and not waits_for_labels):
        return None
    ledger = facts.ledger
    if options.until == GATE:
        return Verdict(exits.PENDING, f"the gate is undecided: {_open(facts)}")
    open_ends, unread = len(ledger.runs) - ledger.ended, without_labels(facts.labels.total)
    waits = "" if unread and not open_ends else _not_ended(ledger, open_ends)
    return Verdict(exits.PENDING, ", ".join(filter(None, (waits, unread))))


# -- what was seen on the way ----------------------------------------------------------------------------------


def _what_was_seen(facts: Facts, options: Options, ends: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts that outrank the end condition, but do not end the watch by themselves.

    Reasons for them are: more failures than allowed; stalled or missing runs, if `--fail-on` names them; cancelled
    runs.
    """
    seen: list[Verdict] = []
    counted_failures = facts.ledger.counted_failures(options.fail_on)
    if not _allowed(counted_failures, facts, options):
        seen.append(Verdict(exits.FAILED, failure_words(counted_failures)))
    elif "stalled" in options.fail_on and (stalled := _stalled(facts, options)):
        seen.append(Verdict(exits.FAILED, stalled))
    elif "missing" in options.fail_on:
        seen += [Verdict(exits.FAILED, end.reason) for end in ends if end.code == exits.NOTHING]
    cancelled = facts.ledger.counts.by_class.get(CANCELLED, 0)
    if cancelled and options.until != GATE:  # a gate judges cancelled runs by cancel_rate
        seen.append(Verdict(exits.CANCELLED, f"{formatting.plural(cancelled, 'run')} cancelled, none failed"))
    return seen


def _allowed(counted_failures: Sequence[CountedFailure], facts: Facts, options: Options) -> bool:
    return options.allow.allows(len(counted_failures), max(len(facts.ledger.runs), options.expect))


def _stalled(facts: Facts, options: Options) -> str:
    """Return which runs have not ended, if no watched run has changed for the time of `--stall`; else, and during an outage, ""."""
    if options.stall is None or facts.trouble is not None or facts.still < options.stall:
        return ""
    waiting = [short_id(run.id) for run in facts.ledger.runs.values() if not run.terminal]
    if not waiting:
        return ""
    return f"nothing moved for {_span(options.stall)}: {_names(waiting)}{_agents_not_active(facts.ledger)}"


def _span(seconds: float) -> str:
    return f"{seconds:g}s" if seconds < 10 else formatting.span(seconds)


def failure_words(counted_failures: Sequence[CountedFailure]) -> str:
    """Return a text about the failures, such as `2 failed, 1 overdue: run_71, run_72, run_80`."""
    words = Counter(failure.word for failure in counted_failures)
    said = ", ".join(f"{number} {word}" for word, number in words.items())
    names = [
        f"thread {short_id(safe_text(each.thread))}" if each.run is None else short_id(each.run.id)
        for each in counted_failures
    ]
    return f"{said}: {_names(names)}"


def _names(ids: Sequence[str]) -> str:
    rest = len(ids) - _NAMES
    return ", ".join(ids[:_NAMES]) + (f" and {rest} more" if rest > 0 else "")
