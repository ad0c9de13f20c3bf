"""What the verdict of a watch depends on, and whether its end condition is true. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from flowtui.watch.judge.gate import PASS
from flowtui.watch.ledger import Ledger
from flowtui.watch.options import ALL, ANY, GATE, IDLE, Options

if TYPE_CHECKING:  # a watch without a gate needs no judge
    from flowtui.model.gate.answer import Answer


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
    if not facts.loaded or (ledger.total < options.expected and not empty_is_fine(options)):
        return False
    if options.until == IDLE:
        return facts.idle
    if options.until == ANY:
        return ledger.ended > 0
    if options.until == ALL:
        # An overdue or missing run that counts as a failure may never end, so the watch does not wait for it.
        return 0 < ledger.total <= ledger.ended + ledger.given_up(options.fail_on)
    return facts.matched > 0


def empty_is_fine(options: Options) -> bool:
    """Whether the end condition may be true without any run: no run was asked for, and none is active."""
    return options.until == IDLE and not options.narrowed
