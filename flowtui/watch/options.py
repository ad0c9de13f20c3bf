"""The options of a watch as one frozen value, with a check of which may be combined. `cli` parses the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from flowtui import formatting
from flowtui.errors import UsageError
from flowtui.model.run.label_terms import ANY_LABELS, LabelTerms
from flowtui.model.state.marks import MIN_RUNS
from flowtui.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowtui.config.values.prices import Prices
    from flowtui.model.gate import Gate
    from flowtui.model.query.query import Query
    from flowtui.model.state.marks import Mark

ALL: Final = "all"
ANY: Final = "any"
IDLE: Final = "idle"
MATCH: Final = "match"
"""The value of `until` for `--for EXPR`; `query` has the expression."""

GATE: Final = "gate"
"""The value of `until` for `--gate EXPR`; `gate` has the expression."""

WAIT_START: Final = 60.0
"""Seconds that a watch waits for the first run, without `--wait-start`."""

FIRST_TIMEOUT: Final = 1800.0
"""Seconds after which a watch with `--first` ends, without `--timeout`."""

FAIL_ON_DEFAULT: Final = frozenset({"failed", "overdue"})

FAIL_ON: Final = ("failed", "overdue", "cancelled", "stalled", "missing", "finding")


class Allowance(NamedTuple):
    """How many failed or cancelled runs are allowed.

    `amount` is a number of runs; if `percent` is True, a percentage of the runs that count (`Options.counting`).
    """

    amount: float = 0.0
    percent: bool = False

    @property
    def given(self) -> bool:
        """Whether any run is allowed."""
        return self.amount > 0

    def allows(self, number: int, runs: int) -> bool:
        """Whether `number` failed or cancelled runs among `runs` runs that count are allowed."""
        return number <= (runs * self.amount / 100 if self.percent else self.amount)

    def text(self, option: str, runs: int, noun: str = "run") -> str:
        """Return the option with what a percentage is of, such as `--allow-failures 5% of 40 runs`; "" if nothing is allowed."""
        if not self.given:
            return ""
        if not self.percent:
            return f"{option} {self.amount:g}"
        return f"{option} {self.amount:g}% of {formatting.plural(runs, noun)}"


NONE_ALLOWED: Final = Allowance()


class Hook(NamedTuple):
    """A command of `--on`: it is run for each event called `event`, without a shell."""

    event: str
    command: tuple[str, ...]


class GatePlan(NamedTuple):
    """The gate of a watch: it compares the runs since a moment with the runs before that moment.

    `text`: the gate as the user wrote it.
    `compare`: how many seconds before the moment the base begins.
    `min_runs`: how many runs each side must have for the gate to pass.
    `by_agent`: whether each agent is judged on its own.
    """

    gate: Gate
    text: str
    compare: float
    min_runs: int = MIN_RUNS
    by_agent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one watch, as `flowtui watch -h` explains them. Durations are in seconds; ids are raw.

    `threads`: the only threads to watch; if empty, all threads.
    `since`: UTC epoch seconds by the server's clock.
    `mark`: the name of the mark that `since` was taken from; "" if it was given as a time.
    `until`: the end condition: `all`, `any`, `idle`, `match` (a run must match `query`) or `gate` (it must be decided).
    `labels`: only runs with this group and these labels are watched.
    `filter`: only runs that match it are watched; None: all. It decides when a run joins, not how long it stays.
    `first`: only the first so many runs are watched, in the order in which they appear; 0: no limit.
    `redact`: whether to hide the text of messages.
    """

    threads: tuple[str, ...] = ()
    new: bool = False
    since: float | None = None
    mark: str = ""
    gate: GatePlan | None = None
    runs: frozenset[str] = frozenset()
    latest: bool = False
    agent: str | None = None
    labels: LabelTerms = ANY_LABELS
    filter: Query | None = None
    follow: bool = False
    wait_start: float = WAIT_START
    expect: int = 0
    first: int = 0
    until: str = ALL
    query: Query | None = None
    settle: float = 10.0
    fail_fast: bool = False
    fail_on: frozenset[str] = FAIL_ON_DEFAULT
    allow: Allowance = NONE_ALLOWED
    allow_cancelled: Allowance = NONE_ALLOWED
    timeout: float | None = None
    stall: float | None = None
    max_tokens: int | None = None
    exit_zero: bool = False
    interval: float = 3.0
    give_up_after: float = 120.0
    output: str = "plain"
    heartbeat: float = 60.0
    quiet: bool = False
    summary_file: str | None = None
    junit_file: str | None = None
    hooks: tuple[Hook, ...] = ()
    once: bool = False
    redact: bool = False
    marks: Sequence[Mark] = ()
    """The marks from which the filter field `release` is computed, the newest last."""
    prices: Prices | None = None

    @property
    def open(self) -> bool:
        """Whether runs that appear later are watched too. If not, only the runs in the first answers are watched."""
        return bool(
            self.new
            or self.first
            or self.follow
            or self.agent is not None
            or self.labels.given
            or self.gate is not None
        )

    @property
    def only_new(self) -> bool:
        """Whether only runs created after the start are watched.

        So it is with --new, and with --first, --group or --label unless --since or --run is given.
        """
        return self.new or (bool(self.first or self.labels.given) and not self.since_given and not self.runs)

    @property
    def since_given(self) -> bool:
        """Whether --since is given, though its time may not be known yet: only the server knows that of `mark:agent:NAME`."""
        return self.since is not None or bool(self.mark)

    @property
    def narrowed(self) -> bool:
        """Whether options select certain runs. If none does, `--for idle` is met even if no run exists."""
        return (
            bool(
                self.new or self.runs or self.latest or self.agent or self.expect or self.first or self.filter
            )
            or self.labels.given
            or self.since_given
        )

    @property
    def settles(self) -> bool:
        """Whether the end condition counts only after it has been true for `settle` seconds.

        With --first no run is added later, so there is nothing to wait for.
        """
        return not self.once and (self.until == IDLE or (self.open and not self.first))

    @property
    def condition(self) -> str:
        """The end condition as the user wrote it, display-safe; `gate` with --gate."""
        return safe_text(str(self.query)) if self.until == MATCH else self.until

    @property
    def idle_of_threads(self) -> bool:
        """Whether the end condition is that no run of the threads is active, also none that is not watched."""
        return self.until == IDLE and not self.open

    @property
    def wanted(self) -> int:
        """How many runs the user asks for with --expect, --first or --run; 0: no number."""
        return max(self.expect, self.first, len(self.runs))

    @property
    def expected(self) -> int:
        """How many runs must have appeared before the end condition can be met."""
        return max(1, self.wanted)

    @property
    def needed_at_start(self) -> int:
        """How many runs must appear within `wait_start`. With --first the others may come until the timeout."""
        return 1 if self.first else self.expected

    @property
    def time_limit(self) -> float | None:
        """After how many seconds the watch ends; None: never. With --first there always is a limit."""
        return FIRST_TIMEOUT if self.first and self.timeout is None else self.timeout

    def counting(self, watched: int) -> int:
        """Return how many runs count, of which percentages are: the `watched` ones, at least as many as --expect or --first wants."""
        return max(watched, self.expect, self.first)

    @property
    def whole_history(self) -> bool:
        """Whether old runs may have to be watched too. If so, each thread is read as far as `back_to`, however many pages."""
        return not (self.only_new or self.latest)

    @property
    def back_to(self) -> float | None:
        """Since when created runs must be read, in UTC epoch seconds by the server's clock; None: all of each thread."""
        if self.since is None or self.idle_of_threads:  # a run of any age may be active
            return None
        return self.since if self.gate is None else self.since - self.gate.compare

    def check(self) -> None:
        """Raise UsageError for options that exclude each other."""
        if self.new and self.since_given:
            raise UsageError("--new and --since exclude each other")
        if self.runs and (self.new or self.latest):
            raise UsageError("--run names runs, so --new and --latest make no sense beside it")
        if self.once and self.new:
            raise UsageError("--once and --new exclude each other: one look sees nothing that is new")
        if self.first:
            self._check_first()
        if self.labels.given:
            self._check_labels()
        if self.expect and self.runs:
            raise UsageError(
                "--run and --expect exclude each other: the runs that --run names are the expected ones"
            )
        if "stalled" in self.fail_on and self.stall is None:
            raise UsageError("--fail-on stalled needs --stall", hint="Such as --stall 10m")
        if self.gate is not None:
            self._check_gate()

    def _check_first(self) -> None:
        given = {
            "--run": self.runs,
            "--latest": self.latest,
            "--expect": self.expect,
            "--follow": self.follow,
        }
        reasons = {
            "--run": "--run names the runs",
            "--latest": "--latest watches the newest run, --first the next ones",
            "--expect": "--first waits for its runs already, and for no more",
            "--follow": "--follow never stops adding runs",
        }
        for option, value in given.items():
            if value:
                raise UsageError(f"--first and {option} exclude each other: {reasons[option]}")
        if self.gate is not None:
            raise UsageError(
                "--first makes no sense beside --gate, which compares all runs since a moment",
                hint="--min-runs says how many runs it needs",
            )
        if self.once and self.only_new:
            raise UsageError(
                "--once with --first needs --since: one look sees nothing that is new",
                hint="Such as --since 10m",
            )

    def _check_labels(self) -> None:
        if self.latest:
            raise UsageError(
                "--group and --label exclude --latest: the labels of old runs are not read",
                hint="--since 10m watches the runs of the last ten minutes",
            )
        if self.once and self.only_new:
            raise UsageError(
                "--once with --group or --label needs --since: one look sees nothing that is new",
                hint="Such as --since 10m",
            )

    def _check_gate(self) -> None:
        if self.new or self.latest or self.runs:
            raise UsageError(
                "--gate compares all runs since a moment, so --new, --latest and --run make no sense beside it"
            )
        if self.expect:
            raise UsageError(
                "--expect makes no sense beside --gate", hint="--min-runs says how many runs it needs"
            )
        if self.allow_cancelled.given:
            raise UsageError(
                "--allow-cancelled makes no sense beside --gate, which does not end in 5",
                hint="Say it in the gate: cancel_rate <= 5%",
            )
        if not self.fail_on and (self.fail_fast or self.allow != NONE_ALLOWED):
            raise UsageError(
                "--fail-fast and --allow-failures are about --fail-on, which --gate leaves empty",
                hint="Give --fail-on too, or say it in the gate: failure_rate <= 5%",
            )
