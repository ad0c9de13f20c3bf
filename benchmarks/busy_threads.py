"""A server that is a function of the time: threads that each begin a run a minute, for as long as a simulation lasts.

It keeps nothing but the text of the newest runs, so that the memory of a process is that of its client.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

from benchmarks.replies import Reply
from benchmarks.simulated_clock import BEGIN, SimulatedClock

MINUTE = 60.0
BEFORE = 30  # runs that each thread has at the beginning
_WAIT, _TAKES = 2, 20  # seconds from creation to start, and from start to end
_FAILS = 20  # each so many-th run fails
_KEPT = 150  # texts of runs that are kept of a thread


def _iso(elapsed: float) -> str:
    return datetime.fromtimestamp(BEGIN + elapsed, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _uuid(*numbers: int) -> str:
    return str(UUID(int=hash(numbers) & (2**128 - 1) | 0x4000 << 64 | (0x9E3779B97F4A7C15 * (numbers[-1] + 1) % 2**60) << 66))  # fmt: skip


class BusyThreads:
    """The client that a poller is given. `requests`: how many were made."""

    def __init__(self, clock: SimulatedClock, threads: int) -> None:
        self.requests = 0
        self._clock = clock
        self._ids = [_uuid(1, number) for number in range(threads)]
        self._number_of = {name: number for number, name in enumerate(self._ids)}
        self._texts: list[dict[int, str]] = [{} for _ in self._ids]

    def _begins(self, thread: int, number: int) -> float:
        """Return when a run is created, in elapsed seconds."""
        return (number - BEFORE) * MINUTE + thread * MINUTE / len(self._ids)

    def _newest(self, thread: int) -> int:
        """Return the number of the newest run."""
        return int((self._clock.elapsed - thread * MINUTE / len(self._ids)) // MINUTE) + BEFORE

    def _text(self, thread: int, number: int) -> str:
        """Return a run as JSON. Ended ones are kept, as they are asked for again and again."""
        kept = self._texts[thread]
        if number in kept:
            return kept[number]
        at, now = self._begins(thread, number), self._clock.elapsed
        started, over = now >= at + _WAIT, now >= at + _WAIT + _TAKES
        final = "failed" if number % _FAILS == thread % _FAILS else "completed"
        raw = {
            "id": _uuid(2, thread, number), "thread_id": self._ids[thread], "agent_id": f"agent_{thread % 7}",
            "status": final if over else "running" if started else "queued", "is_active": not over,
            "created_at": _iso(at), "started_at": _iso(at + _WAIT) if started else None,
            f"{final}_at": _iso(at + _WAIT + _TAKES) if over else None, "model": "meta-llama/Llama-3.3-70B-Instruct",
            "usage": {"prompt_tokens": 900 + number % 100, "completion_tokens": 90, "total_tokens": 990 + number % 100} if over else None,
        }  # fmt: skip
        text = json.dumps(raw)
        if over:
            kept[number] = text
            if len(kept) > _KEPT:
                del kept[min(kept)]
        return text

    def _reply(self, text: str) -> Reply:
        self.requests += 1
        return Reply(text.encode(), int(self._clock.now()), 0.0)

    # -- the methods that the poller calls

    async def runs(self, thread_id: str, *, limit: int, offset: int = 0) -> Reply:
        thread = self._number_of[thread_id]
        first = self._newest(thread) - offset
        numbers = range(first, max(-1, first - limit), -1)
        return self._reply(f"[{','.join(self._text(thread, number) for number in numbers)}]")

    async def run(self, thread_id: str, run_id: str) -> Reply:
        thread, newest = self._number_of[thread_id], self._newest(self._number_of[thread_id])
        number = next(n for n in range(newest, -1, -1) if _uuid(2, thread, n) == run_id)
        return self._reply(self._text(thread, number))

    async def threads(self, *, limit: int, offset: int = 0) -> Reply:
        rows = [{"id": name, "status": "locked", "active_run_id": None} for name in self._ids]
        return self._reply(json.dumps(rows[offset : offset + limit]))

    async def agents(self) -> Reply:
        return self._reply(json.dumps([{"id": f"agent_{n}", "name": f"Agent {n}"} for n in range(7)]))

    async def messages(self, *_: object, **__: object) -> Reply:
        return self._reply("[]")

    async def spans(self, query: dict[str, object]) -> Reply:
        """Return the span of the run that is asked for, else that of the newest run of each thread."""
        asked = query.get("run_id")
        if asked:
            error = {
                "exception.type": "TimeoutError",
                "exception.message": f"no answer within {len(str(asked))} s",
            }
            rows = [
                {"span_id": str(asked)[:16], "run_id": asked, "name": "agent", "status": "ERROR", **error}
            ]
            return self._reply(json.dumps(rows))
        rows = [self._span(thread) for thread in range(len(self._ids))]
        return self._reply(json.dumps([] if query.get("offset") else rows))

    def _span(self, thread: int) -> dict[str, object]:
        number = self._newest(thread)
        at = self._begins(thread, number)
        run = _uuid(2, thread, number)
        return {"span_id": run[-16:], "thread_id": self._ids[thread], "run_id": run, "kind": "pending_span",
                "name": "agent", "start_timestamp": _iso(at), "end_timestamp": _iso(at), "group": "nightly"}  # fmt: skip
