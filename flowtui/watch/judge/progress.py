"""How far a watch is from its end: what it waits for, the settling time, the time left, and the verdict so far. Pure."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from flowtui import formatting
from flowtui.model.run.row import CANCELLED, FAILED
from flowtui.watch import exits
from flowtui.watch.judge.facts import Facts
from flowtui.watch.ledger import Failures
from flowtui.watch.options import ALL, ANY, GATE, IDLE, Options


class Progress(NamedTuple):
    """How far a watch is."""

    waits_for: str = ""
    """What ends the watch, such as `every run to end`; display-safe."""
    done: int = 0
    total: int | None = None
    """`done` of `total` runs meet the end condition; None if no number of runs ends the watch."""
    settle_left: float | None = None
    """Seconds that the end condition must stay true; None while it is not true, or if it need not stay so."""
    time_left: float | None = None
    """Seconds until `--timeout`; None without one."""
    code: int = exits.MET
    """The exit code of what was seen so far: failures and cancelled runs."""
    seen: str = ""
    """The failures so far in words; "" if nothing can be said, or if a gate judges the runs."""

    @property
    def text(self) -> str:
        """The verdict so far and the time left, such as `FAIL so far: 2 failed, 4m 10s left`."""
        parts = [f"{exits.WORDS[self.code]} so far: {self.seen}" if self.code else self.seen]
        if self.settle_left is not None:
            parts.append(f"settles for {formatting.span(self.settle_left)} more")
        if self.time_left is not None:
            parts.append(f"{formatting.span(self.time_left)} left")
        return ", ".join(filter(None, parts))

    def fields(self) -> dict[str, Any]:
        """Return the JSON fields, times in seconds."""
        settle, left = (
            None if each is None else round(each, 3) for each in (self.settle_left, self.time_left)
        )
        return {
            "waits_for": self.waits_for,
            "done": self.done,
            "total": self.total,
            "settle_left_s": settle,
            "time_left_s": left,
            "exit_so_far": self.code,
            "text": self.text,
        }


NO_PROGRESS: Final = Progress()


def progress_of(facts: Facts, options: Options, *, met: bool) -> Progress:
    """Return how far the watch is. `met`: whether the end condition is true now."""
    waits_for, done, total = _waiting(facts, options)
    left = None if options.time_limit is None else max(0.0, options.time_limit - facts.elapsed)
    settles = max(0.0, options.settle - facts.held) if met and options.settles else None
    return Progress(waits_for, done, total, settles, left, *_so_far(facts, options))


def _waiting(facts: Facts, options: Options) -> tuple[str, int, int | None]:
    ledger = facts.ledger
    if options.until == GATE:
        return "the gate to be decided", ledger.ended, None
    if options.until == ANY:
        return "any run to end", ledger.ended, None
    if options.until == IDLE:
        return f"no run to be active: {formatting.count(ledger.counts.active)} active", 0, None
    if options.until != ALL:
        return f"a run to match {options.query}", 0, None
    known = ledger.total
    if not known and not options.wanted:
        return "a first run to come", 0, None
    total = max(known, options.expected)
    which = "the first" if options.first else "all"
    every = "the run to end" if total == 1 else f"{which} {formatting.plural(total, 'run')} to end"
    missing = total - known
    return (f"{every}, {missing:,} to come" if missing else every), ledger.ended, total


def _so_far(facts: Facts, options: Options) -> tuple[int, str]:
    ledger = facts.ledger
    failures = ledger.failures(options.fail_on)
    number = options.counting(ledger.total)
    if not options.allow.allows(failures.number, number):
        return exits.FAILED, _words(failures)
    cancelled = ledger.counts.by_class.get(CANCELLED, 0)
    if options.until != GATE and not options.allow_cancelled.allows(cancelled, number):
        return exits.CANCELLED, f"{formatting.count(cancelled)} cancelled"
    if failures.number:
        return exits.MET, f"{_words(failures)}, allowed"
    if options.until == GATE or not ledger.counts.known:
        return exits.MET, ""
    failed = ledger.counts.by_class.get(FAILED, 0)
    return exits.MET, f"{formatting.count(failed)} failed, not counted" if failed else "nothing failed"


def _words(failures: Failures) -> str:
    return ", ".join(f"{number:,} {word}" for word, number in failures.words.items())
