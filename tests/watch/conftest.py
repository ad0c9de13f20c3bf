"""Fixtures: scripted threads watched in fake time, and `main` against real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import io
import itertools
import json
import math
import random
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from flowtui.cli import main
from flowtui.errors import NotFoundError
from flowtui.source.clock import Clock
from flowtui.source.poll.poller import Poller
from flowtui.watch.options import Options
from flowtui.watch.output.formats import FORMATS, FormatContext
from flowtui.watch.output.hooks import Hooks
from flowtui.watch.output.output import Output
from flowtui.watch.runner import Watch

from ..clocks import WaitingClock, watch_requests

BEGIN = 1_794_000_000.0  # 2026-11-06 21:20:00 UTC


def iso(seconds):
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


class FakeClock(Clock):
    """A clock that stands still while a task can run, then jumps to the next time that a task waits for."""

    def __init__(self):
        self.elapsed = 0.0
        self._numbers = itertools.count()
        self._waiting = []
        self._script = []

    def now(self):
        return BEGIN + self.elapsed

    def monotonic(self):
        return self.elapsed

    async def wait(self, event, seconds):
        try:
            async with asyncio.timeout(None) as scope:
                if seconds is not None:
                    due = max(self.elapsed + seconds, math.nextafter(self.elapsed, math.inf))
                    heapq.heappush(self._waiting, (due, next(self._numbers), scope))
                await event.wait()
        except TimeoutError:
            pass

    def at(self, seconds, action):
        heapq.heappush(self._script, (seconds, next(self._numbers), action))

    async def settle(self):
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        while loop._ready:  # noqa: ASYNC110  this loop is what is waited for
            await asyncio.sleep(0)

    async def run(self, task, limit=4000.0):
        """Let time pass until the task is done."""
        await self.settle()
        while not task.done():
            moments = [queue[0][0] for queue in (self._waiting, self._script) if queue]
            assert moments, "no task waits for the clock, but the watch has not ended"
            self.elapsed = max(self.elapsed, min(moments))
            assert self.elapsed <= limit, "it does not end"
            while self._script and self._script[0][0] <= self.elapsed:
                heapq.heappop(self._script)[2]()
            while self._waiting and self._waiting[0][0] <= self.elapsed:
                scope = heapq.heappop(self._waiting)[2]
                with contextlib.suppress(RuntimeError):  # that task has stopped waiting
                    scope.reschedule(0)
            await self.settle()
        return task.result()


class Answer(NamedTuple):
    body: bytes
    server_time: float | None
    elapsed: float = 0.0


class World:
    """Threads with runs, newest first, as the API has them. `trouble` maps a thread, "threads" (the list) or "all" to an error."""

    def __init__(self, clock):
        self.clock = clock
        self.threads_there = {}
        self.trouble = {}
        self.names = {"agent_a": "checkout", "agent_b": "billing"}
        self.traced = {}
        self.requests = []

    def thread(self, thread):
        self.threads_there.setdefault(thread, [])

    def add(self, thread, run, status="queued", *, created=None, agent="agent_a", **fields):
        """Add a newer run to a thread, created now unless a time is given (seconds from the begin)."""
        at = self.clock.now() if created is None else BEGIN + created
        raw = {"id": run, "thread_id": thread, "agent_id": agent, "model": "meta/llama-3.3-70b"}
        raw |= {"status": "queued", "is_active": True, "created_at": iso(at)}
        self.threads_there.setdefault(thread, []).insert(0, raw)
        if status != "queued":
            self.move(run, status, began=at)
        self._raw(run).update(fields)

    def _raw(self, run):
        return next(raw for runs in self.threads_there.values() for raw in runs if raw["id"] == run)

    def move(self, run, status, *, tokens=None, began=None, **fields):
        """Change the status of a run from now on, with its dates."""
        raw, now = self._raw(run), iso(self.clock.now() if began is None else began)
        raw["status"] = status
        if status in ("running", "completed", "failed") and "started_at" not in raw:
            raw["started_at"] = now
        ended = {"completed": "completed_at", "failed": "failed_at"}.get(status)
        if status in ("canceled", "cancelled"):
            ended = "cancelled_at"
        if ended:
            raw |= {ended: now, "is_active": False}
        if tokens is not None:
            raw["usage"] = {
                "prompt_tokens": tokens - 1,
                "completion_tokens": 1,
                "total_tokens": tokens,
            }
        raw.update(fields)

    def remove(self, run):
        for runs in self.threads_there.values():
            runs[:] = [raw for raw in runs if raw["id"] != run]

    # -- what the poller asks

    async def threads(self, *, limit, order="desc", offset=0):
        assert order == "desc"
        rows = []
        for key in reversed(self.threads_there):
            held = next((raw["id"] for raw in self.threads_there[key] if raw["is_active"]), None)
            rows.append({"id": key, "status": "locked" if held else "available", "active_run_id": held})
        return self._answer("threads", "threads", rows[offset:][:limit])

    async def runs(self, thread_id, *, limit, order="desc", offset=0):
        assert order == "desc"
        if thread_id not in self.threads_there:
            self.requests.append((self.clock.elapsed, f"runs {thread_id}"))
            raise NotFoundError("GET: 404: no such thread", status=404)
        return self._answer(f"runs {thread_id}", thread_id, self.threads_there[thread_id][offset:][:limit])

    async def run(self, thread_id, run_id):
        found = [raw for raw in self.threads_there.get(thread_id, []) if raw["id"] == run_id]
        if not found:
            raise NotFoundError("GET: 404: no such run", status=404)
        return self._answer(f"run {run_id}", thread_id, found[0])

    async def agents(self):
        data = [{"id": key, "name": name} for key, name in self.names.items()]
        return self._answer("agents", "agents", {"data": data})

    async def spans(self, query):
        return self._answer(f"spans {query['run_id']}", "spans", self.traced.get(query["run_id"], []))

    async def messages(self, thread_id, *, limit=20):
        return self._answer(f"messages {thread_id}", "messages", [][:limit])

    def _answer(self, what, target, value):
        self.requests.append((self.clock.elapsed, what))
        trouble = self.trouble.get(target, self.trouble.get("all"))
        if trouble is not None:
            raise trouble()
        return Answer(json.dumps(value).encode(), math.floor(self.clock.now()))


class Result(NamedTuple):
    code: int
    out: str
    clock: FakeClock

    @property
    def events(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def named(self, name):
        return [event for event in self.events if event["event"] == name]

    @property
    def summary(self):
        last = self.events[-1]
        assert last["event"] == "summary"
        assert len(self.named("summary")) == 1
        return last


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def world(clock):
    return World(clock)


@pytest.fixture
def watch(clock, world):
    """Return a function that runs a watch in fake time and returns (exit code, output)."""

    async def run(*threads, output="jsonl", limit=4000.0, signals=None, hooks=None, stage=None, **options):
        options = Options(threads=threads, output=output, **options)
        stream = io.StringIO()
        poller = Poller(
            world,
            threads=threads,
            interval=options.interval,
            quiet_interval=options.interval if threads else 30.0,
            history=10**9,
            clock=clock,
            rng=random.Random(7),
        )
        target = FORMATS[output](
            FormatContext(output=Output(stream), zone=UTC, interval=options.interval, **(stage or {}))
        )
        one = Watch(poller, options, target, hooks or Hooks((), {}, clock), signals)
        task = asyncio.create_task(one.run())
        try:
            code = await clock.run(task, limit)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return Result(code, stream.getvalue(), clock)

    return run


@pytest.fixture
def shell(capsys, tmp_path, monkeypatch):
    """Return a function that calls `flowtui watch` against a URL and returns (code, stdout, stderr).

    The time of its clock passes only while no request is being answered. `clock`: a clock to share with the server.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))

    watch_requests(monkeypatch)

    def run(url, *words, clock=None, **environ):
        capsys.readouterr()
        clock = clock or WaitingClock(BEGIN)
        base = {"SEEKR_API_KEY": "hunter2-key", "SEEKR_BASE_URL": url, "FLOWTUI_CONFIG": ""}
        code = main(["watch", *words, "--tz", "utc"], {**base, **environ}, clock=clock)
        out, err = capsys.readouterr()
        assert "hunter2" not in out + err
        return code, out, err

    return run
