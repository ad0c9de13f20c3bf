"""The places where a fault takes hold, and how a fault is written on the command line. Owns no fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowtui.errors import UsageError
from flowtui.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowtui.simulator.exchange import Hit, Page, Record, Reply

RUNS: Final = "runs"
ALL: Final = "all"
CANCEL: Final = "cancel"
SCOPES: Final = (RUNS, "threads", "agents", "messages", "spans", CANCEL, ALL)
"""Which requests a fault bends: `runs` is the list and the single run, `threads` the list and the single thread."""

_MOST: Final = 1e9
_SHOWN: Final = 60  # characters of a name that is none


class Fault(NamedTuple):
    """A way for the server to misbehave; one of the six functions is set.

    `page` bends what a list call asks for, `rows` the elements of the answer (a single one is a list of one),
    `reply` the answer as a whole. `key` decides, from the Authorization header and the server's key, whether a
    request may pass. `cancel` returns by how many seconds a cancel call comes late, None for never; it may raise
    Refused. `skew` returns by how many seconds the server's clock is ahead, with all dates that it shows and reads.
    `argument` says what may follow the name after a colon: "" nothing, NUMBER, SIGNED (it may be below 0), or a word for text.
    """

    help: str
    page: Callable[[Page, Hit], Page] | None = None
    rows: Callable[[list[Record], Hit], list[Any]] | None = None
    reply: Callable[[Reply, Hit], Reply] | None = None
    key: Callable[[str, str | None], bool] | None = None
    cancel: Callable[[Hit], float | None] | None = None
    skew: Callable[[Hit], float] | None = None
    argument: str = ""
    scope: str = RUNS


class Planted(NamedTuple):
    """A fault that was asked for: NAME[:ARG][@SCOPE][*TIMES]. `times` is None for always.

    `memory` is the fault's own, for what it has shown.
    """

    name: str
    fault: Fault
    arg: str
    scope: str
    times: int | None
    memory: dict[str, Any]


def parse(text: str, faults: Mapping[str, Fault]) -> Planted:
    """Read NAME[:ARG][@SCOPE][*TIMES]. Raises UsageError: names near matches, or what the argument must be."""
    head, star, times = text.rpartition("*")
    if not (star and times.isdecimal()):
        head, times = text, ""
    body, _, scope = head.rpartition("@")
    if scope not in SCOPES:
        body, scope = head, ""
    name, colon, arg = body.partition(":")
    fault = faults.get(name)
    if fault is None:
        raise UsageError(
            f"There is no fault called {name[:_SHOWN]!a}",
            hint=did_you_mean(name, faults, rest="`--fault list` says what there is"),
        )
    if colon and not fault.argument:
        raise UsageError(f"The fault {name} takes no argument")
    number = arg.removeprefix("-") if fault.argument == "SIGNED" else arg
    if arg and fault.argument in {"NUMBER", "SIGNED"} and not _is_number(number):
        raise UsageError(f"The fault {name} takes a number, not {arg!a}", hint=f"For instance {name}:2")
    return Planted(name, fault, arg, scope or fault.scope, int(times) if times else None, {})


def _is_number(text: str) -> bool:
    try:
        return 0 <= float(text) < _MOST
    except ValueError:
        return False
