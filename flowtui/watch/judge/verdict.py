"""Decides from facts and options when a watch ends, and with which verdict. Pure.

If several ends apply at once, `exits.most_severe` chooses one. Failed or cancelled runs that were seen may outrank it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.run.row import CANCELLED
from flowtui.text import short_id
from flowtui.watch import exits
from flowtui.watch.judge.facts import Facts, condition, empty_is_fine
from flowtui.watch.judge.gate import FAIL, reason
from flowtui.watch.judge.outcome import (
    CONDITION,
    FAIL_FAST,
    GATE_DECIDED,
    GIVE_UP_AFTER,
    LABELS,
    MAX_TOKENS,
    NONE_CAN_MATCH,
    ONCE,
    REFUSED,
    SIGNAL,
    STALL,
    TIMEOUT,
    WAIT_START,
    Tally,
    Verdict,
    failure_words,
    names,
    tally_of,
)
from flowtui.watch.ledger import Ledger
from flowtui.watch.options import ALL, ANY, GATE, IDLE, MATCH, Options

_ONE_LOOK: Final = "one look (--once)"


class End(NamedTuple):
    """Something that ends the watch now. `by`: a key of `ENDED_BY`. `text`: display-safe, for people. `notes`: further facts."""

    code: int
    by: str
    text: str
    notes: tuple[str, ...] = ()


def judge(facts: Facts, options: Options) -> Verdict | None:
    """Return the verdict with which the watch ends now; None if the watch goes on."""
    ends = [
        end
        for end in (
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
        if end is not None
    ]
    if not ends:
        return None
    tally = tally_of(facts.ledger, options)
    # If the first failure also was the end of the last run, the condition ended the watch.
    whole = [end for end in ends if end.by != FAIL_FAST] if any(end.by == CONDITION for end in ends) else ends
    ended = _severest(whole)
    decided = _severest([*_what_was_seen(facts, options, tally, ends), *whole])
    return Verdict(
        code=decided.code,
        condition=options.condition,
        ended_by=ended.by,
        ended=ended.text,
        tally=tally,
        decided="" if decided in whole else decided.text,
        notes=ended.notes,
    )


def _severest(ends: Sequence[End]) -> End:
    code = exits.most_severe(end.code for end in ends)
    return next(end for end in ends if end.code == code)


# -- what ends a watch -----------------------------------------------------------------------------------------


def _signalled(facts: Facts) -> End | None:
    if facts.signal is None:
        return None
    name = {exits.HANGUP: "SIGHUP", exits.INTERRUPTED: "SIGINT", exits.TERMINATED: "SIGTERM"}
    return End(facts.signal, SIGNAL, f"stopped by {name.get(facts.signal, 'a signal')}")


def _condition_ended(facts: Facts, options: Options) -> End | None:
    if condition(facts, options):
        if options.settles and not (facts.held >= options.settle and facts.checked and facts.trouble is None):
            return None
        if facts.labels.blocking and options.until in (ALL, IDLE):
            return None
        met, by = _met(facts, options), GATE_DECIDED if options.until == GATE else CONDITION
        if facts.lost:
            said = f"{names(facts.lost)}: cannot be read; the condition is met elsewhere, {met}"
            return End(exits.UNANSWERED, by, said)
        return End(exits.MET, by, met)
    ledger = facts.ledger
    over = facts.fixed and 0 < ledger.total == ledger.ended
    if over and options.until == MATCH:
        return End(exits.NOTHING, NONE_CAN_MATCH, "every watched run has ended, and none matches --for")
    return None


def _gate_closed(facts: Facts) -> End | None:
    """Return FAILED as soon as the gate has failed: neither later runs nor an outage can change that."""
    if facts.gate is None or facts.gate.verdict != FAIL:
        return None
    return End(exits.FAILED, GATE_DECIDED, reason(facts.gate))


def _met(facts: Facts, options: Options) -> str:
    if facts.gate is not None:
        return reason(facts.gate)
    number = facts.ledger.total
    if options.until == IDLE:
        return "no run is active (--for idle)"
    if options.until == ANY:
        return f"{facts.ledger.ended} of {formatting.plural(number, 'run')} ended (--for any)"
    if options.until == ALL:
        waited = number - facts.ledger.ended
        given_up = f", {formatting.count(waited)} not waited for" if waited else ""
        return f"{formatting.plural(facts.ledger.ended, 'run')} ended{given_up}"
    return f"{facts.matched} of {formatting.plural(number, 'run')} match --for {options.condition}"


def _failed_fast(facts: Facts, options: Options) -> End | None:
    # Listing the failures costs time, so it is done only with --fail-fast.
    if not options.fail_fast:
        return None
    failures = facts.ledger.failures(options.fail_on)
    if options.allow.allows(failures.number, options.counting(facts.ledger.total)):
        return None
    return End(exits.FAILED, FAIL_FAST, "ended by --fail-fast")


def _guarded(facts: Facts, options: Options) -> End | None:
    tokens = facts.ledger.counts.tokens
    if options.max_tokens is not None and tokens is not None and tokens > options.max_tokens:
        said = f"{formatting.count(tokens)} tokens, more than --max-tokens {formatting.count(options.max_tokens)}"
        return End(exits.GUARD, MAX_TOKENS, said)
    stalled = _stalled(facts, options)
    return End(exits.GUARD, STALL, stalled, _agents_not_active(facts.ledger)) if stalled else None


def _gave_up(facts: Facts, options: Options) -> End | None:
    trouble = facts.trouble
    if trouble is None or not (trouble.final or trouble.seconds >= options.give_up_after):
        return None
    if trouble.final:
        return End(exits.UNANSWERED, REFUSED, trouble.message)
    said = f"no answer for {formatting.span(trouble.seconds)}: {trouble.message}"
    return End(exits.UNANSWERED, GIVE_UP_AFTER, said)


def _labels_lost(facts: Facts) -> End | None:
    """Return UNANSWERED if ended runs may be wanted, and no span tells: a success would only be a guess."""
    lost = facts.labels.lost
    if not lost:
        return None
    them = "it" if lost == 1 else "them"
    said = f"the labels of {formatting.plural(lost, 'run')} could not be read: no span names {them}"
    return End(exits.UNANSWERED, LABELS, said)


def _timed_out(facts: Facts, options: Options) -> End | None:
    limit = options.time_limit
    if limit is None or facts.elapsed < limit:
        return None
    default = " (the default of --first)" if options.timeout is None else ""
    reached = f"--timeout {_span(limit)}{default} reached"
    if options.until == GATE:
        if condition(facts, options) and facts.trouble is None:
            return End(exits.MET, TIMEOUT, f"{reached}, {_met(facts, options)}")
        return End(exits.TIMED_OUT, TIMEOUT, f"{reached}, the gate is undecided: {_open(facts)}")
    if not facts.ledger.total:
        said = ", ".join(filter(None, (reached, _unmatched(facts))))
        return End(exits.TIMED_OUT, TIMEOUT, said)
    return End(exits.TIMED_OUT, TIMEOUT, _unmet(reached, facts, options), _agents_not_active(facts.ledger))


def _unmet(ended: str, facts: Facts, options: Options) -> str:
    """Return what ended the watch, and what it waited for: runs that have not ended, a match, other runs, settling."""
    number = facts.ledger.total - facts.ledger.ended
    parts = [ended, f"{formatting.plural(number, 'run')} not ended" if number else ""]
    if condition(facts, options):
        if options.settles:
            parts.append(
                f"the condition was true for {_span(round(facts.held, 1))} of --settle {_span(options.settle)}"
            )
    elif options.until == MATCH:
        parts.append("no run matches --for")
    elif options.idle_of_threads and not facts.idle and not number:
        parts.append("runs that are not watched are active")
    return ", ".join(filter(None, parts))


def _agents_not_active(ledger: Ledger) -> tuple[str, ...]:
    """Return a note about the runs that do not start because their agent is not active; () if there are none."""
    waiting = [short_id(run.id) for run in ledger.waiting_for_agents]
    if not waiting:
        return ()
    wait = "waits for an agent that is" if len(waiting) == 1 else "wait for agents that are"
    return (f"{len(waiting)} {wait} not active: {names(waiting)}",)


def _unmatched(facts: Facts) -> str:
    """Return why no run is watched. If not all threads were read, this is the outage, or "": the counts say what is unread."""
    if facts.ledger.unread:
        return "" if facts.trouble is None else facts.trouble.message
    said = "no run matched so far" if facts.labels.total else "no run matched"
    return said if facts.trouble is None else f"{said}: {facts.trouble.message}"


def _open(facts: Facts) -> str:
    """Return why a gate is undecided, such as an outage, missing answers or too few runs."""
    if facts.trouble is not None:
        return facts.trouble.message
    return "not every thread has answered yet" if facts.gate is None else reason(facts.gate)


def _nothing(facts: Facts, options: Options) -> End | None:
    """Return the verdict that too few runs have appeared in time. None during an outage, as runs may exist unread."""
    number, needed = facts.ledger.total, options.needed_at_start
    if options.once:
        needed = options.expected
    if not facts.loaded or number >= needed or facts.trouble is not None or empty_is_fine(options):
        return None
    if facts.labels.early:
        return None  # they may match
    if not options.once and facts.elapsed < options.wait_start:
        return None
    by = ONCE if options.once else WAIT_START
    said = "too few runs came" if number else "no run matched"
    said = (
        f"{_ONE_LOOK}, {said}" if options.once else f"{said} within --wait-start {_span(options.wait_start)}"
    )
    if facts.lost:  # the other runs may be there
        return End(exits.UNANSWERED, by, f"{names(facts.lost)}: cannot be read; {said}")
    return End(exits.NOTHING, by, said)


def _pending(facts: Facts, options: Options) -> End | None:
    waits_for_labels = facts.labels.total and options.until in (ALL, IDLE)
    if not (options.once and facts.loaded) or (condition(facts, options) and not waits_for_labels):
        return None
    if options.until == GATE:
        return End(exits.PENDING, ONCE, f"the gate is undecided: {_open(facts)}")
    return End(exits.PENDING, ONCE, _unmet(_ONE_LOOK, facts, options), _agents_not_active(facts.ledger))


# -- what was seen on the way ----------------------------------------------------------------------------------


def _what_was_seen(facts: Facts, options: Options, tally: Tally, ends: Sequence[End]) -> list[End]:
    """Return what outranks the end condition, but does not end the watch by itself.

    That is: more failures than allowed; stalled or missing runs, if `--fail-on` names them; more cancelled runs than
    allowed.
    """
    seen: list[End] = []
    if not tally.allowed:
        failures = facts.ledger.failures(options.fail_on)
        seen.append(End(exits.FAILED, "", failure_words(failures, tally.limit)))
    elif "stalled" in options.fail_on and _stalled(facts, options):
        seen.append(End(exits.FAILED, "", "stalled runs count as failures (--fail-on)"))
    elif "missing" in options.fail_on and any(
        end.code == exits.NOTHING and end.by != NONE_CAN_MATCH for end in ends
    ):
        seen.append(End(exits.FAILED, "", "missing runs count as failures (--fail-on)"))
    cancelled = tally.of_class(CANCELLED)
    # A gate judges cancelled runs by cancel_rate.
    if cancelled > tally.cancelled_allowed and options.until != GATE:
        beyond = f", more than {tally.cancelled_limit}" if tally.cancelled_limit else ""
        others = "none failed" if tally.none_failed else "no failure counts"
        said = f"{formatting.plural(cancelled, 'run')} cancelled{beyond}, {others}"
        seen.append(End(exits.CANCELLED, "", said))
    return seen


def _stalled(facts: Facts, options: Options) -> str:
    """Return which runs have not ended, if no watched run has changed for the time of `--stall`; else, and during an outage, ""."""
    if options.stall is None or facts.trouble is not None or facts.still < options.stall:
        return ""
    waiting = [short_id(run.id) for run in facts.ledger.runs.values() if not run.terminal]
    return f"nothing moved for {_span(options.stall)}: {names(waiting)}" if waiting else ""


def _span(seconds: float) -> str:
    return f"{seconds:g}s" if seconds < 10 else formatting.span(seconds)
