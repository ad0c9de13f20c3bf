"""What each finding is called, means and rests on, and from which numbers on it is one. Words and constants alone.

The texts are for somebody at 2 a.m. They take their numbers from the constants, so that they cannot differ from the
rules in `findings.py`. Names are an interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ORPHAN_LOCK: Final = "orphan_lock"
STALLED: Final = "stalled"
OVERDUE: Final = "overdue"
VANISHED: Final = "vanished"
WAITING_BEHIND: Final = "waiting_behind"
QUEUED_LONG: Final = "queued_long"
WENT_BACK: Final = "went_back"
CONTRADICTION: Final = "contradiction"

TRUSTED_RUNS: Final = 10
"""Runs of an agent from which on its usual times are trusted: the slowest of fewer says little about slow ones."""

FAR_FACTOR: Final = 8.0
"""Times what 19 of 20 runs take. Where times spread as those of model calls do (lognormal, sigma 0.7), four times wakes
somebody for nothing every few thousand runs, six every twenty thousand, eight hardly ever: see `benchmarks/findings.py`.
"""

QUEUED_FLOOR: Final = 120.0
"""Seconds in the queue that alarm nobody, however fast an agent usually starts: a deployment restarts workers."""

QUEUED_DEFAULT: Final = 1800.0
"""Seconds in the queue that are long for any agent: for those of which too few runs are known."""

RUNNING_FLOOR: Final = 300.0
"""Seconds of running that alarm nobody: one slow tool call and its retries."""

RUNNING_DEFAULT: Final = 3600.0
"""Seconds of running that are long for any agent: for those of which too few runs are known."""

UNTOUCHED_FLOOR: Final = 120.0
"""Seconds without any change that alarm nobody: tokens may be counted only between two steps."""

UNTOUCHED_DEFAULT: Final = 900.0
"""The same for agents of which too few runs are known: some report nothing before they end."""

GRACE: Final = 60.0
"""Seconds after its end in which a run may still call itself active: the two are written one after the other."""

ROUNDING: Final = 1.0
"""Seconds by which times may be out of order: some are written in whole seconds, by machines with clocks of their own."""


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One kind of finding, in plain words and whole sentences.

    `title` is a few words for a heading or a list; `meaning` says what it means and what harmless thing it may be
    instead, `evidence` what it rests on, with the thresholds, `next_step` what to do now.
    """

    name: str
    title: str
    meaning: str
    evidence: str
    next_step: str


_USUAL: Final = (
    f"Usual is what the known runs of the same agent took, if there are at least {TRUSTED_RUNS}; far longer is more than "
    f"{FAR_FACTOR:g} times what 19 of 20 of them took."
)

_ALL: Final = (
    FindingKind(
        ORPHAN_LOCK,
        "the thread is locked, and no active run holds it",
        "The thread says it is locked, but the run that it names has ended, is not on it, or is not named at all. New "
        "runs on this thread may wait for ever. It may also be a list of threads that the server renews late: then it "
        "goes away by itself.",
        "The thread and its runs are read apart, so one look proves nothing: both were read again, at least one "
        "polling interval after the first suspicion, and still disagreed.",
        "Look whether newer runs on this thread stay queued. If so, tell whoever runs the service the id of the "
        "thread and of the run that holds it; meanwhile start new work on another thread.",
    ),
    FindingKind(
        STALLED,
        "running, and nothing on it changes",
        "The run is said to be running, far longer than its agent's runs usually take, and nothing on it has moved: "
        "its worker may have died, or a tool may hang. It may also be a long tool call, or a model that reports its "
        "tokens only when it has ended.",
        f"Both together: it has run for more than {RUNNING_FLOOR / 60:g} minutes and far longer than usual, and the "
        f"last look showed what one at least {UNTOUCHED_FLOOR / 60:g} minutes, and as long as 19 of 20 runs take in "
        f"all, before it had shown; growing token counts are a change. {_USUAL} With fewer known runs: "
        f"{RUNNING_DEFAULT / 60:g} minutes of running, {UNTOUCHED_DEFAULT / 60:g} of them unchanged. Time in which the "
        "server could not be read counts only once it has been read again.",
        "Open the run: its messages and spans show the last step. If that is a tool, look at the tool's service. "
        "Cancel the run if nobody needs its answer any more.",
    ),
    FindingKind(
        OVERDUE,
        "past its expiry, and still active",
        "The run is queued or running although the time at which it was to expire has passed: whatever ends expired "
        "runs has not ended this one. It may also be a server that lets expired runs finish.",
        "`expires_at` has passed by the server's clock, and a look made after that still showed the run as active.",
        "Open the run and see whether anything still moves. If nothing does, cancel it; if many are overdue, "
        "something is wrong with the service and not with the run.",
    ),
    FindingKind(
        VANISHED,
        "no longer in the list that it was in",
        "The run was seen, and an answer that should have shown it did not. It is kept here as it was last seen, and "
        "may have gone on since. It may also have been deleted on purpose, or the list moved while it was read.",
        "An answer covered the place in the list where the run belongs, without it; or the server said that it does "
        "not know the run.",
        "Ask for it by its id: `flowtui run RUN_ID -t THREAD`. If the server does not know it, ask who cleans up on "
        "this account.",
    ),
    FindingKind(
        WAITING_BEHIND,
        "queued far longer than usual, behind another run",
        "The run waits for its thread, which another run holds: a thread works on one run at a time. The wait is far "
        "longer than this agent's runs usually have, and the run in front is the reason. It may be harmless: a long "
        "job in front, and somebody who asked again meanwhile.",
        f"It has been queued for more than {QUEUED_FLOOR / 60:g} minutes and far longer than usual at the last look, "
        f"and another run that has not ended holds the thread. {_USUAL} With fewer known runs: "
        f"{QUEUED_DEFAULT / 60:g} minutes.",
        "Look at the run in front: is it stalled, or just long? Work that cannot wait goes to another thread.",
    ),
    FindingKind(
        QUEUED_LONG,
        "queued far longer than usual",
        "The run waits to be started far longer than this agent's runs usually do, and no other run on its thread "
        "explains that: workers may be down or all busy, or a limit of the account may be reached. It may also be a "
        "deployment or a burst of work that passes.",
        f"It has been queued for more than {QUEUED_FLOOR / 60:g} minutes and far longer than usual at the last look. "
        f"{_USUAL} With fewer known runs: {QUEUED_DEFAULT / 60:g} minutes. Time in which the server could not be read "
        "does not count before it has been read again.",
        "See whether runs on other threads start: `flowtui runs --filter status:queued --sort wait`. If none does, "
        "it is the service; if only this agent's do not, look at its last deployment.",
    ),
    FindingKind(
        WENT_BACK,
        "its status went backwards",
        "A run that had ended was seen to run again or to have ended otherwise, or a running one to be queued: one "
        "of the answers was wrong. It may also be a server of several machines, one of which was late for a moment, "
        "or a run that was started once more under its old id.",
        "Two looks in a row, the later of which showed an earlier state. It stays for as long as flowtui runs.",
        "Trust the newest state, and look again in a minute. If it happens to many runs, report it with their ids.",
    ),
    FindingKind(
        CONTRADICTION,
        "what it says of itself cannot all be true",
        "The run's own fields disagree: it has ended and calls itself active, its times are out of order, its tokens "
        "do not add up, or a count of tokens fell. Do not build on these fields. It may also be clocks that differ "
        "between the service's machines, or an answer from one of them that was late.",
        f"`is_active` is true more than {GRACE:g} seconds after the end; it started before it was created, or ended "
        f"before it started or was created, by {ROUNDING:g} second or more; the total of its tokens is less than "
        "prompt and completion together; or a later look showed fewer tokens. A total that is more than both is no "
        "contradiction: some models count their reasoning there alone.",
        "Open the run's raw answer and compare. Take durations and costs of this run with care, and report it if it "
        "stays.",
    ),
)

FINDINGS: Final[Mapping[str, FindingKind]] = {kind.name: kind for kind in _ALL}
"""Name → its kind, the gravest first."""
