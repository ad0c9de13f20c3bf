"""Records what a real server answers to the watch over HTTP, as the replay needs it."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import pytest

from flowtui.errors import ApiError
from flowtui.source.http.client import Client

from ...clocks import WaitingClock
from .wanted import Wanted
from .world import ENDED, Answer, Heard, Listing, moment_of

_KNOWN: Final = {
    **{kind: kind for kind in ("queued", "running", *ENDED)},
    "canceled": "cancelled",
    "pending": "queued",
}
_ENDS: Final = (("failed_at", "failed"), ("cancelled_at", "cancelled"), ("completed_at", "completed"))


@dataclass(eq=False)
class SeenRun:
    """A run as the server sent it: what `Life` is for a simulated world, known at the moments of `raws` only."""

    id: str
    thread: str
    agent: str
    created: float
    raws: dict[float, dict[str, Any]] = field(default_factory=dict)

    def raw(self, at: float) -> dict[str, Any]:
        """Return the run as the last answer until a moment has it."""
        return self.raws[max(moment for moment in self.raws if moment <= at)]

    def status(self, at: float) -> str:
        """Return the status in the server's words."""
        return str(self.raw(at).get("status") or "")

    def kind(self, at: float) -> str:
        """Return what its fields mean: a known status decides; else only an end that is certain counts."""
        raw = self.raw(at)
        known = _KNOWN.get(self.status(at))
        if known or raw.get("is_active"):
            return known or "unknown"
        return next((kind for name, kind in _ENDS if raw.get(name)), "unknown")

    def used(self, at: float) -> int | None:
        """Return the tokens that the server reports; None: none."""
        return (self.raw(at).get("usage") or {}).get("total_tokens")

    def expired(self, at: float) -> bool:
        """Whether it is active past its expiry."""
        expires = self.raw(at).get("expires_at")
        return bool(expires) and at > moment_of(expires) and self.kind(at) in ("queued", "running")

    def __str__(self) -> str:
        return f"{self.id} {self.thread} created {self.created:g}: " + ", ".join(
            f"{at:g} {self.status(at)}" for at in self.raws
        )


@dataclass
class Record:
    """What a watch was told over HTTP. It has what the replay needs of a `Case`."""

    wanted: Wanted
    clock: WaitingClock
    runs: dict[str, SeenRun] = field(default_factory=dict)
    signal: None = None
    _all: list[Heard] = field(default_factory=list)
    _listed: dict[str, str | None] = field(default_factory=dict)
    _last: dict[str, tuple[SeenRun, ...]] = field(default_factory=dict)

    @property
    def heard(self) -> list[Heard]:
        """What was answered, one entry for each moment: pages of one thread, or of the list, belong together."""
        return [_together(at, list(some)) for at, some in groupby(self._all, key=lambda heard: heard.at)]

    @property
    def failures(self) -> int:
        """How many requests for runs or threads failed."""
        listings = sum(heard.listing is not None and heard.listing.failed > 0 for heard in self._all)
        return listings + sum(answer.failed > 0 for heard in self._all for answer in heard.answers)

    def __str__(self) -> str:
        told = [f"{self.wanted}", *(f"  {run}" for run in self.runs.values())]
        return "\n".join(told + [f"  {heard.at:g}: {_gist(heard)}" for heard in self.heard])

    def attach(self, patch: pytest.MonkeyPatch) -> None:
        """Record every answer that clients get from now on."""
        read, listed = Client.runs, Client.threads

        async def runs(client: Client, thread_id: str, **query: Any) -> Any:
            reply, raws, failed = await _asked(read(client, thread_id, **query))
            page = self._seen(thread_id, raws)
            partial = failed or query.get("offset") or len(page) >= query["limit"]
            known = self._last.get(thread_id, ()) if partial else ()
            self._last[thread_id] = (*page, *(run for run in known if run not in page))
            lives = () if failed else self._last[thread_id]
            self._all.append(
                Heard(self.clock.elapsed, (Answer(self.clock.elapsed, thread_id, lives, failed),))
            )
            return _passed_on(reply)

        async def threads(client: Client, **query: Any) -> Any:
            reply, raws, failed = await _asked(listed(client, **query))
            older = self._listed if query.get("offset") or failed else {}
            self._listed = older | {row["id"]: row.get("active_run_id") for row in raws}
            listing = Listing(failed=failed) if failed else Listing(self._listed)
            self._all.append(Heard(self.clock.elapsed, listing=listing))
            return _passed_on(reply)

        patch.setattr(Client, "runs", runs)
        patch.setattr(Client, "threads", threads)

    def _seen(self, thread: str, raws: list[dict[str, Any]]) -> tuple[SeenRun, ...]:
        found = []
        for raw in raws:
            run = self.runs.get(raw["id"])
            if run is None:
                run = SeenRun(raw["id"], thread, raw["agent_id"], moment_of(raw["created_at"]))
                self.runs[run.id] = run
            run.raws[self.clock.elapsed] = raw
            found.append(run)
        return tuple(found)


async def _asked(request: Awaitable[Any]) -> tuple[Any, list[dict[str, Any]], int]:
    """Return the reply or the error, the elements of its body, and an HTTP status >= 400 if there is nothing to read."""
    try:
        reply = await request
        return reply, json.loads(reply.body), 0
    except ApiError as error:
        return error, [], getattr(error, "status", 500)
    except ValueError:
        return reply, [], 500


def _passed_on(reply: Any) -> Any:
    if isinstance(reply, ApiError):
        raise reply
    return reply


def _together(at: float, some: list[Heard]) -> Heard:
    answers = {answer.thread: answer for heard in some for answer in heard.answers}
    listings = [heard.listing for heard in some if heard.listing is not None]
    return Heard(at, tuple(answers.values()), listings[-1] if listings else None)


def _gist(heard: Heard) -> str:
    listing = "" if heard.listing is None else f"list {heard.listing}"
    return listing + ", ".join(
        f"{answer.thread} {answer.failed or len(answer.lives)}" for answer in heard.answers
    )
