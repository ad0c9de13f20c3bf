"""What a fault can change, and the parser for NAME[:ARG][@SCOPE][*TIMES]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flowtui.errors import UsageError
from flowtui.simulator.exchange import FaultUse, Page, Record, Reply
from flowtui.suggestion import did_you_mean

RUNS: Final = "runs"
ALL: Final = "all"
CANCEL: Final = "cancel"
ATTACH: Final = "attach"
SCOPES: Final = (RUNS, "threads", "agents", "messages", "spans", CANCEL, ATTACH, ALL)
"""The requests that a fault can apply to: `runs` is the list and the single run, `threads` the list and the single thread."""

_MOST: Final = 1e9
_SHOWN: Final = 60  # characters of an unknown name in the error message


USAGE_WHILE_RUNNING: Final = "usage while running"
"""An older habit of the API: runs report usage before they have ended."""
LABELS_ON_RUNS: Final = "labels on runs"
"""An older habit of the API: group and labels are in the `meta_data` of a run, too, not only on its spans."""


class Fault(NamedTuple):
    """One fault of the server; exactly one of the six functions, or a habit, is set.

    `page`: changes the page that a list call asks for.
    `rows`: changes the elements of an answer; a single element is given as a list of one.
    `reply`: changes the whole answer.
    `key`: returns whether a request is accepted, given its Authorization header and the server's key.
    `cancel`: returns after how many seconds a cancel call takes effect (None: never); may raise Refused.
    `skew`: returns by how many seconds the server's clock, and with it all dates, are ahead.

    `habit`: an older way of the API that the endpoint keeps.

    `help`: the line of the fault in `--fault list`.
    `argument`: what may follow the name after a colon: NUMBER, SIGNED (a number that may be below 0) or another word for
    text; "" if nothing may follow.
    `scope`: the requests that have the fault by default.
    """

    help: str
    page: Callable[[Page, FaultUse], Page] | None = None
    rows: Callable[[list[Record], FaultUse], list[Any]] | None = None
    reply: Callable[[Reply, FaultUse], Reply] | None = None
    key: Callable[[str, str | None], bool] | None = None
    cancel: Callable[[FaultUse], float | None] | None = None
    skew: Callable[[FaultUse], float] | None = None
    habit: str = ""
    argument: str = ""
    scope: str = RUNS


class ActiveFault(NamedTuple):
    """An active fault, parsed from NAME[:ARG][@SCOPE][*TIMES].

    `arg`: the argument; "" if there is none.
    `times`: after so many requests the fault ends; None: never.
    `memory`: what the fault keeps for later uses, such as rows that it has sent.
    """

    name: str
    fault: Fault
    arg: str
    scope: str
    times: int | None
    memory: dict[str, Any]


def parse(text: str, faults: Mapping[str, Fault]) -> ActiveFault:
    """Parse NAME[:ARG][@SCOPE][*TIMES].

    Raises:
        UsageError: unknown fault (with similar names), or an invalid argument (with what it must be).
    """
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
            hint=did_you_mean(name, faults, rest="`--fault list` shows all faults"),
        )
    if colon and not fault.argument:
        raise UsageError(f"The fault {name} takes no argument")
    number = arg.removeprefix("-") if fault.argument == "SIGNED" else arg
    if arg and fault.argument in {"NUMBER", "SIGNED"} and not _is_number(number):
        raise UsageError(f"The fault {name} takes a number, not {arg!a}", hint=f"For instance {name}:2")
    return ActiveFault(name, fault, arg, scope or fault.scope, int(times) if times else None, {})


def _is_number(text: str) -> bool:
    try:
        return 0 <= float(text) < _MOST
    except ValueError:
        return False
