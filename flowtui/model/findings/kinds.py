"""The name, meaning, evidence and thresholds of each kind of finding. Texts and constants only.

The texts are for an operator in a hurry. They take their numbers from the constants, so that they always match the
rules in `rules.py`. The names are part of flowtui's interface: filters and JSON output use them.
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
AGENT_NOT_ACTIVE: Final = "agent_not_active"

TRUSTED_RUNS: Final = 10
"""The number of known runs of an agent from which its usual times are trusted.

With fewer runs, the slowest of them says little.
"""

FAR_FACTOR: Final = 8.0
"""A time is far longer than usual if it is more than this many times the time that 19 of 20 runs take at most.

Assume that durations vary like those of model calls (lognormal, sigma 0.7). Then a factor of four gives one false alarm
in a few thousand runs, a factor of six one in twenty thousand, and a factor of eight hardly any; see
`benchmarks/findings.py`.
"""

QUEUED_FLOOR: Final = 120.0
"""Seconds in the queue that never count as too long, because a deployment restarts workers."""

QUEUED_DEFAULT: Final = 1800.0
"""For an agent without trusted usual times: the seconds in the queue that count as too long."""

RUNNING_FLOOR: Final = 300.0
"""Seconds of running that never count as too long, because one slow tool call and its retries may take them."""

RUNNING_DEFAULT: Final = 3600.0
"""For an agent without trusted usual times: the seconds of running that count as too long."""

UNTOUCHED_FLOOR: Final = 120.0
"""Seconds without any change that never count as too long: tokens may be counted only between two steps."""

UNTOUCHED_DEFAULT: Final = 900.0
"""For an agent without trusted usual times: the seconds without any change that count as too long.

Some models report tokens only at the end.
"""

GRACE: Final = 60.0
"""Seconds for which an ended run may still be marked as active by `is_active`.

The server writes the status and `is_active` one after the other.
"""

AGENT_GRACE: Final = 10.0
"""Seconds after a run's creation, before which its agent's status proves nothing.

An agent may have been activated just before, and the list of agents may show it late.
"""

AGENT_KEPT: Final = 300.0
"""Seconds after which the status of an agent that was not read again proves nothing any more."""

AGENT_OLD: Final = 90.0
"""Seconds after which the text of the finding says how old the status is."""

ROUNDING: Final = 1.0
"""Seconds by which times may be out of order: some are whole seconds, and machines have different clocks."""


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One kind of finding, in plain words and whole sentences."""

    name: str
    title: str
    """A few words for a heading or a list."""
    meaning: str
    """What the finding means, and which harmless cause it may have."""
    evidence: str
    """What the finding is based on, with the thresholds."""
    next_step: str
    """What the operator should do."""


_USUAL: Final = (
    "Usual times are those of the same agent's runs of the last 7 days that the history remembers, else of its known "
    f"runs, if there are at least {TRUSTED_RUNS}; far longer means more than {FAR_FACTOR:g} times the time that 95 % of them stayed below."
)

_OUTAGE: Final = (
    "While the server does not answer, no finding is raised; that time counts once the server answers again."
)

_ALL: Final = (
    FindingKind(
        ORPHAN_LOCK,
        "the thread is locked, and no active run holds it",
        "The thread is locked, but the run named as holder has ended or is not on this thread, or no run is named. New "
        "runs on this thread may wait for ever. It may also be that the server updates its list of threads late: then "
        "the finding goes away by itself.",
        "The thread and its runs are read separately, so one mismatch proves nothing: both were read again, at least one "
        "polling interval later, and still disagreed.",
        "Check whether newer runs on this thread stay queued. If so, tell the service's operators the id of the "
        "thread and of the run that holds it; meanwhile start new work on another thread.",
    ),
    FindingKind(
        STALLED,
        "running, and nothing on it changes",
        "The run has been running far longer than its agent's runs usually take, and nothing on it has changed: "
        "its worker may have died, or a tool may hang. It may also be a long tool call, or a model that reports its "
        "tokens only when it has ended.",
        f"Two conditions must hold: (1) it has run for more than {RUNNING_FLOOR / 60:g} minutes and far longer than "
        f"usual; (2) nothing on it, token counts included, has changed for at least {UNTOUCHED_FLOOR / 60:g} minutes, "
        f"and for as long as 95 % of the agent's runs take in total. {_USUAL} If fewer are known: (1) {RUNNING_DEFAULT / 60:g} minutes, "
        f"(2) {UNTOUCHED_DEFAULT / 60:g} minutes. {_OUTAGE}",
        "Open the run: its messages and spans show the last step. If that is a tool, look at the tool's service. "
        "Cancel the run if its answer is no longer needed.",
    ),
    FindingKind(
        AGENT_NOT_ACTIVE,
        "queued, and its agent is not active",
        "The run waits to be started, but its agent is Inactive, Pending or Failed, and only an Active agent starts runs. "
        "So this run does not start until the agent is active. A Pending agent is being deployed, so the wait may soon "
        "be over.",
        "The list of agents named that status. It was read at least "
        f"{AGENT_GRACE:g} seconds after the run was created, and at most {AGENT_KEPT / 60:g} minutes before the run was "
        "last seen queued. It is read again about twice a minute while such a run waits.",
        "Activate the agent, or look at why its deployment failed. If it is not to run any more, cancel the run.",
    ),
    FindingKind(
        OVERDUE,
        "past its expiry, and still active",
        "The run is queued or running although its expiry time has passed: the service should have ended it. It may "
        "also be that the service lets expired runs finish.",
        "`expires_at` has passed by the server's clock, and a later reading still showed the run as active.",
        "Open the run and see whether anything on it still changes. If nothing does, cancel it; if many are overdue, "
        "something is wrong with the service and not with the run.",
    ),
    FindingKind(
        VANISHED,
        "no longer in the list that it was in",
        "The run was seen before, but a later answer that should have contained it did not. flowtui still shows its last "
        "known state; it may have changed since. It may also have been deleted on purpose, or the list changed while it "
        "was read.",
        "An answer covered the part of the list to which the run belongs, and did not contain it; or the server said "
        "that it does not know the run.",
        "Request it by its id: `flowtui run RUN_ID -t THREAD`. If the server does not know it, ask who deletes runs on "
        "this account.",
    ),
    FindingKind(
        WAITING_BEHIND,
        "queued far longer than usual, behind another run",
        "The run waits for its thread, which another run holds: a thread works on one run at a time. The wait is far "
        "longer than usual for this agent's runs, and the run in front is the reason. It may be harmless, for instance "
        "if a long job is in front and the user sent a second request meanwhile.",
        f"At the last reading it had been queued for more than {QUEUED_FLOOR / 60:g} minutes and far longer than usual, "
        f"and another run held the thread. {_USUAL} If fewer are known: {QUEUED_DEFAULT / 60:g} minutes.",
        "Look at the run in front: is it stalled, or just long? Start work that cannot wait on another thread.",
    ),
    FindingKind(
        QUEUED_LONG,
        "queued far longer than usual",
        "The run waits to be started far longer than this agent's runs usually do, and no other run on its thread "
        "explains that: workers may be down or all busy, or a limit of the account may be reached. It may also be a "
        "deployment, or a burst of work, that will soon be over.",
        f"At the last reading it had been queued for more than {QUEUED_FLOOR / 60:g} minutes and far longer than usual. "
        f"{_USUAL} If fewer are known: {QUEUED_DEFAULT / 60:g} minutes. {_OUTAGE}",
        "See whether runs on other threads start: `flowtui runs --filter status:queued --sort wait`. If none does, "
        "it is the service; if only runs of this agent do not start, look at its last deployment.",
    ),
    FindingKind(
        WENT_BACK,
        "its status went backwards",
        "An ended run was later reported as active or with a different result, or a running run as queued: one of the "
        "answers was wrong, for instance because one of the server's machines answered with old data. It may also be "
        "that the run was started again under its old id.",
        "Of two successive readings, the later one showed an earlier state or a different result. The finding stays "
        "until flowtui ends.",
        "Trust the newest state, and look again in a minute. If it happens to many runs, report it with their ids.",
    ),
    FindingKind(
        CONTRADICTION,
        "its own fields contradict each other",
        "The run's own fields disagree: it has ended and is marked as active, its times are out of order, its tokens "
        "do not add up, or one of its token counts fell. Do not rely on these fields. The clocks of the "
        "service's machines may also differ, or one of them may have answered with old data.",
        f"`is_active` is true more than {GRACE:g} seconds after the end; it started before it was created, or ended "
        f"before it started or was created, by {ROUNDING:g} second or more; the total of its tokens is less than "
        "prompt and completion together; or a later reading showed fewer tokens. A larger total is no "
        "contradiction: some models count reasoning tokens only there.",
        "Open the run's raw answer and compare. Take durations and costs of this run with care, and report it if it "
        "stays.",
    ),
)

FINDINGS: Final[Mapping[str, FindingKind]] = {kind.name: kind for kind in _ALL}
"""Name → kind of finding, the most serious first."""
