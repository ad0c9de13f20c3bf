"""Faults in cancel calls: ignored, late, refused, or effective with a late answer."""

from __future__ import annotations

from typing import Final

from flowtui.simulator.exchange import FaultUse, Refused
from flowtui.simulator.faults.kinds import CANCEL, Fault
from flowtui.simulator.faults.transport import delayed, reset


def _refuse(use: FaultUse) -> float | None:
    """Raise Refused with the argument as the status (default 409); a status outside 400 to 499 becomes 409."""
    status = int(use.number(409))
    raise Refused(status if 400 <= status <= 499 else 409, "This run cannot be cancelled")


CANCELLING: Final[dict[str, Fault]] = {
    "cancel-ignored": Fault(
        "a cancel call is answered with canceled, and the run goes on", cancel=lambda _: None, scope=CANCEL
    ),
    "cancel-late": Fault(
        "a cancel call takes effect ARG (3600) seconds late: the run ends first",
        cancel=lambda use: use.number(3600),
        argument="NUMBER",
        scope=CANCEL,
    ),
    "cancel-refused": Fault(
        "a cancel call is refused with status ARG (409)", cancel=_refuse, argument="NUMBER", scope=CANCEL
    ),
    "cancel-timeout": Fault(
        "a cancel call takes effect; its answer comes ARG (30) seconds late",
        reply=delayed(30),
        argument="NUMBER",
        scope=CANCEL,
    ),
    "cancel-reset": Fault(
        "a cancel call takes effect; instead of its answer the connection is cut", reply=reset, scope=CANCEL
    ),
}
"""These faults, by name on the command line."""
