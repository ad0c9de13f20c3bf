"""Fixtures: scripted threads watched in fake time, and `main` against real HTTP."""

from __future__ import annotations

import asyncio
import io
import json
import math
import random
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from flowtui.cli import main
from flowtui.errors import NotFoundError
from flowtui.source.poll.poller import Poller
from flowtui.watch.options import Options
from flowtui.watch.output.formats import FormatContext, make_format
from flowtui.watch.output.hooks import Hooks
from flowtui.watch.output.output import Output
from flowtui.watch.runner import Watch

from ..clocks import BEGIN, JumpingClock, WaitingClock, watch_requests


def iso(seconds):
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


class Answer(NamedTuple):
    body: bytes
    server_time: float | None
    elapsed: float = 0.0


class World:
    """Threads with runs, newest first, as the API has them. `trouble` maps a thread, "threads" (the list) or "all" to an error.

    `unanswered`: threads whose runs get no answer for a quarter of an hour.
    """

    def __init__(self, clock):
        self.clock = clock
        self.threads_there = {}
        self.trouble = {}
        self.unanswered = set()
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
        if thread_id in self.unanswered:
            await self.clock.wait(asyncio.Event(), 900.0)
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
    clock: JumpingClock

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
    return JumpingClock()


@pytest.fixture
def world(clock):
    return World(clock)


@pytest.fixture
def judged(clock):
    """Return a function that runs a watch of a feed in fake time and returns (exit code, output)."""

    async def run(feed, options, *, limit=4000.0, signals=None, hooks=None, stage=None):
        stream = io.StringIO()
        target = make_format(
            options.output,
            FormatContext(output=Output(stream), zone=UTC, interval=options.interval, **(stage or {})),
        )
        one = Watch(feed, options, target, hooks or Hooks((), {}, clock), signals)
        task = asyncio.create_task(one.run())
        try:
            code = await clock.run(task, limit)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return Result(code, stream.getvalue(), clock)

    return run


@pytest.fixture
def watch(clock, world, judged):
    """Return a function that runs a watch of the world in fake time and returns (exit code, output)."""

    async def run(*threads, output="jsonl", limit=4000.0, signals=None, hooks=None, stage=None, **options):
        options = Options(threads=threads, output=output, **options)
        poller = Poller(
            world,
            threads=threads,
            interval=options.interval,
            quiet_interval=options.interval if threads else 30.0,
            history=10**9,
            back_to=lambda _: options.back_to,
            clock=clock,
            rng=random.Random(7),
        )
        return await judged(poller, options, limit=limit, signals=signals, hooks=hooks, stage=stage)

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
