"""What front ends know of the history: they read the past, and hand on what is to be remembered.

`flowtui.store` implements both protocols. All times are UTC epoch seconds: those of a run by the server's clock, those
of an observation by the local clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple, Protocol

from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import StatusChange
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Update

LIVE: Final = "live"
"""flowtui watched: what happened in this time was seen when it happened."""
READ: Final = "read"
"""flowtui did not watch; what happened in this time was read from the API afterwards."""
UNANSWERED: Final = "unanswered"
"""flowtui ran, but the API did not answer."""

When = Literal["created", "ended", "counted"]
"""By which of its times a run belongs to a span of time.

`counted`: by its end; if that is unknown and the run is not active, by its creation.
"""


class Watched(NamedTuple):
    """How a span of time was watched. Where no such span lies, nothing is known."""

    since: float
    until: float
    how: str
    """LIVE, READ or UNANSWERED."""
    why: str = ""
    """Why the API did not answer, display-safe; "" for the others."""
    threads: int | None = None
    """How many threads were watched; None if unknown."""
    complete: float | None = None
    """Until when it is known what happened on all threads of the key; None if that is not known of any moment in it."""

    def shifted(self, seconds: float) -> Watched:
        """Return the same span by a clock that is ahead by so many seconds."""
        complete = None if self.complete is None else self.complete + seconds
        return self._replace(since=self.since + seconds, until=self.until + seconds, complete=complete)


class PastMove(NamedTuple):
    """A change of a run's status that was seen at some time."""

    run: Run
    """The run as it is known now."""
    change: StatusChange


class Reach(NamedTuple):
    """How far the runs of one thread are remembered, without a hole: back from its last observation."""

    observed: float
    """When the thread was last observed."""
    whole: bool
    """Whether all its runs are remembered."""
    oldest: float
    """When the second-oldest remembered run was created; infinite if fewer than two have a date.

    The oldest would not do: if its date were wrong, the runs would seem to be remembered further back than they are.
    """


class Seen(NamedTuple):
    """What is remembered of one reason: the runs that failed for it. Times are those of their ends."""

    runs: int
    first: float
    last: float


class RunConfig(NamedTuple):
    """The configuration of a run. They sort by the times at which their runs were created."""

    created: float
    raw_id: str
    thread_key: str
    config: str
    """The fingerprint of the configuration."""


class QuarterSum(NamedTuple):
    """Sums of the runs of one agent and class that ended in a quarter of an hour, or a longer step. They outlive the rows."""

    begin: float
    """The begin of the quarter of an hour, or of the step."""
    agent_id: str
    status_class: str
    runs: int
    prompt_tokens: int | None
    completion_tokens: int | None
    total_tokens: int | None
    """The sums of the tokens that runs reported; None if none did."""
    busy: float
    """The sum of the durations, in seconds."""
    timed: int
    """How many of the runs have a known duration."""


SpentBy = Literal["agent", "model", "thread", "release"]
"""What the tokens of runs are added up by. A run belongs to the last release at or before its creation."""


class SpentSum(NamedTuple):
    """The tokens of some runs that ended in one step of time, and that reported the same of their three counts."""

    key: str
    """The agent's id, the model, the raw id of the thread, or the number of the release; see `Past.spent`."""
    step: int
    """The number of the step."""
    model: str
    status_class: str
    runs: int
    prompt: int | None
    """The sum of the prompt tokens; None if none of the runs reported them; otherwise all did. The same for the others."""
    completion: int | None
    total: int | None


STEP: Final = 20
"""Threads that the dashboard reads at a time at its start."""


class Past(Protocol):
    """What is remembered. Each method reads a file: call it in a thread. All text is display-safe.

    Each raises `HistoryError` if the file cannot be read.
    """

    clock_offset: float
    """Seconds that are added to the times of watching, so that they are by the server's clock; 0: they are by this machine's."""

    @property
    def begin(self) -> float | None:
        """Since when there is a history, that is the begin of the first span that was watched; None if it is empty."""

    def newest(self, count: int) -> list[Run]:
        """Return the runs that were created last, the newest first."""

    def threads(self, step: int = 200, most: int | None = None) -> Iterator[Sequence[ThreadState]]:
        """Yield the states of all threads, `step` at a time, with `restored` set. Those with the newest runs come first.

        `most`: at most so many runs of a thread, the first in its order; `whole` is False if there are more.
        """

    def agents(self) -> Mapping[str, str]:
        """Return agent id → name."""

    def runs(
        self,
        since: float,
        until: float,
        by: When = "created",
        *,
        most: int | None = None,
        agent: str | None = None,
        failed: bool = False,
    ) -> list[Run]:
        """Return the runs that were created, or that ended, from `since` until before `until`; the newest first.

        `most`: return at most so many, those that were created or ended last; None: all. `agent`: only runs of the agent
        with this id. `failed`: only failed runs.
        """

    def configs(self, since: float, until: float, agent: str) -> list[RunConfig]:
        """Return the configurations of the runs of an agent (id) that ended in this time, as far as they are known."""

    def reach(self, threads: Iterable[str] | None = None) -> Mapping[str, Reach]:
        """Return for each of these threads (raw ids; None: all) how far its runs are remembered; unknown ones are left out."""

    def active(self) -> list[Run]:
        """Return the runs that were queued or running when last seen and that no later answer lacked, the newest first."""

    def moves(self, since: float, until: float, most: int) -> list[PastMove]:
        """Return the latest changes of status that were seen in this time, at most `most`, the newest first."""

    def reasons(self, runs: Iterable[RunKey]) -> Mapping[RunKey, Reason]:
        """Return why runs failed, as far as it is known."""

    def explained(self, since: float, until: float) -> Mapping[RunKey, Reason]:
        """Return why runs failed whose end lies in this time, as far as it is known."""

    def seen(self, reasons: Iterable[Reason], before: float) -> Mapping[Reason, Seen]:
        """Return what is remembered of these reasons from before a time. A reason without such a run is left out."""

    def watched(self, since: float, until: float) -> list[Watched]:
        """Return how this time was watched: the spans that touch it, in order."""

    def sums(
        self, since: float, until: float, step: float = 900.0, *, agent: str | None = None
    ) -> list[QuarterSum]:
        """Return the sums of runs that ended in this time, in order: of each quarter of an hour that begins in it.

        `agent`: only those of the agent with this id.

        `step`: add up the quarters of each so many seconds, counted from `since`; at least 900. The sums of 90 days by
        agent and quarter may be a hundred thousand, by day some hundreds.
        """

    def spent(
        self, since: float, until: float, by: SpentBy, step: float, releases: Sequence[float] = ()
    ) -> list[SpentSum]:
        """Return the tokens of the runs that counted (see `When`) in this time, by what `by` says and by steps of time.

        `step`: the seconds of a step; the number of a step is that of its begin, divided by `step`. `releases`: when releases
        were, in order. The number of a release is how many of them were at or before the creation of a run; `0` if it is
        not known when the run was created.
        """

    def dearest(
        self,
        since: float,
        until: float,
        by: SpentBy,
        key: str,
        *,
        most: int,
        weights: Mapping[str, tuple[float, float]],
        releases: Sequence[float] = (),
    ) -> list[Run]:
        """Return the runs of one key (see `SpentSum`) that counted in this time and used most; at most `most`.

        `weights`: model → what a prompt token and a completion token cost, by which the runs are ordered, the dearest first.
        Then come the runs whose cost is not known, those with the most tokens first; runs without tokens are left out.
        """


class Recorder(Protocol):
    """Remembers what is seen. Its methods return at once; a thread of its own writes."""

    @property
    def trouble(self) -> str:
        """Why nothing is written any more, display-safe; "" if all is well."""

    def record(self, update: Update) -> None:
        """Remember what an update shows. If updates come faster than they are written, the newest of a thread counts."""

    def explain(self, reasons: Mapping[RunKey, Reason]) -> None:
        """Remember why these runs failed: only the reason, nothing else of the failure."""

    def flush(self) -> None:
        """Return when all that was handed on is written, or cannot be. Blocks."""

    def close(self) -> None:
        """Write what is left, for a few seconds at most, and close the file. Blocks."""
