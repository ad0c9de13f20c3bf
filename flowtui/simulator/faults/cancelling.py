"""Faults in cancel calls: ignored, late, refused, or effective with a late answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowtui.simulator.exchange import Refused

if TYPE_CHECKING:
    from flowtui.simulator.exchange import FaultUse, Reply


def ignored(_use: FaultUse) -> float | None:
    """Return None: the call never takes effect."""
    return None


def late(use: FaultUse) -> float | None:
    """Return the argument (default 3600) as the delay in seconds. After 3600 s each run has ended by itself."""
    return use.number(3600)


def refused(use: FaultUse) -> float | None:
    """Refuse the call with the argument as the status (default 409); a status outside 400 to 499 becomes 409.

    Raises:
        Refused: always.
    """
    status = int(use.number(409))
    raise Refused(status if 400 <= status <= 499 else 409, "This run cannot be cancelled")


def late_answer(reply: Reply, use: FaultUse) -> Reply:
    """Delay the answer by the argument (default 30) in seconds; the call itself takes effect at once."""
    reply.delay = use.number(30)
    return reply
