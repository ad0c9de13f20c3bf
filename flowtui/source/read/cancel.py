"""Cancels a run: reads it first, sends one request, and returns the outcome. The request is never repeated.

The caller passes the functions that make the requests; they keep the request budget and the deadlines.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flowtui.errors import ApiError, FlowtuiError, NotFoundError, RejectedError, StatusError
from flowtui.model.events.cancellation import ASKED, NOT_SENT, REFUSED, UNKNOWN, CancelReply, ended_word
from flowtui.model.run.parsing import parse_run
from flowtui.model.run.row import RunKey

Fetch = Callable[[RunKey], Awaitable[dict[str, Any]]]
"""Returns one run as raw JSON. Raises FlowtuiError."""

Send = Callable[[RunKey, str], Awaitable[object]]
"""Sends the request to cancel; the second argument is the raw agent id. Raises FlowtuiError."""


async def try_cancel(key: RunKey, fetch: Fetch, send: Send, now: Callable[[], float]) -> CancelReply:
    """Try to cancel a run and return the outcome; errors are outcomes, too. `now` returns UTC epoch seconds (local clock).

    Nothing is sent if the run has ended, cannot be read, or names no agent: the request must name it.
    """
    try:
        raw = await fetch(key)
    except FlowtuiError as error:
        return CancelReply(NOT_SENT, now(), str(error))
    if (over := _ended(raw, key, now())) is not None:
        return over
    agent = raw.get("agent_id")
    if not isinstance(agent, str) or not agent:
        return CancelReply(NOT_SENT, now(), "the run names no agent, and the request needs one")
    try:
        await send(key, agent)
    except FlowtuiError as error:
        # Usually refused because the run has just ended. The API documents no status for that, so look at the run.
        over = (
            await _look_again(key, fetch, now) if isinstance(error, RejectedError | NotFoundError) else None
        )
        return over or CancelReply(_word_for(error), now(), str(error))
    return CancelReply(ASKED, now())


def _word_for(error: FlowtuiError) -> str:
    if isinstance(error, ApiError) and error.uncertain:
        return UNKNOWN
    return REFUSED if isinstance(error, StatusError) else NOT_SENT


async def _look_again(key: RunKey, fetch: Fetch, now: Callable[[], float]) -> CancelReply | None:
    try:
        return _ended(await fetch(key), key, now())
    except FlowtuiError:
        return None


def _ended(raw: dict[str, Any], key: RunKey, at: float) -> CancelReply | None:
    run = parse_run(raw, key[0])
    return CancelReply(ended_word(run), at, status=run.status_class) if run.terminal else None
