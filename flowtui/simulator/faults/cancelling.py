"""Cancel calls that do not do what they say: ignored, late, refused, or done and never answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowtui.simulator.exchange import Refused

if TYPE_CHECKING:
    from flowtui.simulator.exchange import Hit, Reply


def ignored(_hit: Hit) -> float | None:
    """It never takes effect."""
    return None


def late(hit: Hit) -> float | None:
    """It takes effect so many seconds late (3600), by when every run has ended by itself."""
    return hit.number(3600)


def refused(hit: Hit) -> float | None:
    """It is refused with a status of the 4xx family (409)."""
    status = int(hit.number(409))
    raise Refused(status if 400 <= status <= 499 else 409, "This run cannot be cancelled")


def late_answer(reply: Reply, hit: Hit) -> Reply:
    """It takes effect, and the answer comes so many seconds late (30)."""
    reply.delay = hit.number(30)
    return reply
