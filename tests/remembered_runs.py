"""A history of all runs of a simulator, or of given ones, for tests of commands: without a file, and without Textual."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import lru_cache

from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import HistoryError
from flowtui.headless.one_shot import new_requester, read_agents
from flowtui.headless.pages import ListRange
from flowtui.headless.run_lists import read_run_lists
from flowtui.model.history.past import LIVE, QuarterSum, RunConfig, Seen, Watched
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.known_runs import ThreadState
from flowtui.source.clock import Clock
from flowtui.source.http.client import Client


class RememberedRuns:
    """Remembers `rows`, and that the time was watched as `spans` say. Rows whose key is in `gone` are left to the sums."""

    def __init__(self, rows, spans, *, agents=None, reasons=None, gone=(), broken=False, unread=0, idle=0):
        self.everything = sorted(rows, key=lambda run: -(run.created or 0))
        self.rows = [run for run in self.everything if run.key not in gone]
        self.spans = [Watched(*span) for span in spans]
        self.names = agents or {}
        self.why = reasons or {}
        self.broken = broken
        self.unread, self.idle = unread, idle
        self.asked, self.configured = [], {}
        self.deleted = set()  # threads that were last read long ago

    clock_offset = 0.0

    @property
    def begin(self):
        return min((span.since for span in self.spans), default=None)

    def threads(self, _step, _most):
        keys = {run.thread_key for run in self.everything}
        last = max((span.until for span in self.spans), default=1.0)
        yield [ThreadState(key, 1.0, observed=1.0 if key in self.deleted else last) for key in keys]
        yield [ThreadState(f"idle {number}", 1.0, observed=1.0) for number in range(self.idle)]
        yield [ThreadState(f"unread {number}", 1.0) for number in range(self.unread)]

    def agents(self):
        return self.names

    def active(self):
        return [run for run in self.rows if run.active]

    def runs(self, since, until, by="created", *, most=None):
        self.asked.append((since, until, by))
        if self.broken:
            raise HistoryError("The file is damaged")
        times = ((run, run.created if by == "created" else run.ended) for run in self.rows)
        return [run for run, at in times if at is not None and since <= at < until][:most]

    def configs(self, since, until, agent):
        ended = self.runs(since, until, "ended")
        return [
            RunConfig(run.created, run.raw_id, run.thread_key, self.configured[run.raw_id])
            for run in ended
            if run.agent_id == agent and run.raw_id in self.configured
        ]

    def explained(self, since, until):
        return {run.key: self.why[run.key] for run in self.runs(since, until, "ended") if run.key in self.why}

    def reasons(self, runs):
        return {key: self.why[key] for key in runs if key in self.why}

    def seen(self, reasons, before):
        found = {}
        for reason in reasons:
            ends = [
                run.ended for run in self.everything if self.why.get(run.key) == reason and run.ended < before
            ]
            if ends:
                found[reason] = Seen(len(ends), min(ends), max(ends))
        return found

    def watched(self, since, until):
        return [span for span in self.spans if span.until >= since and span.since < until]

    def sums(self, since, until, step=900.0):
        parts = defaultdict(list)
        for run in self.everything:
            if run.ended is not None and since <= run.ended // 900 * 900 < until:
                begin = since + (run.ended - since) // step * step if step > 900 else run.ended // 900 * 900
                parts[begin, run.agent_id, run.status_class].append(run)
        return [QuarterSum(*key, len(own), *_tokens(own), *_busy(own)) for key, own in sorted(parts.items())]


def _tokens(own):
    for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
        known = [count for run in own if (count := getattr(run, name)) is not None]
        yield sum(known) if known else None


def _busy(own):
    took = [seconds for run in own if (seconds := run.duration(0.0)) is not None]
    yield sum(took)
    yield len(took)


@lru_cache(maxsize=4)
def listed(url):
    """Return all runs that a simulator lists whose time stands still, and the names of its agents."""

    async def read():
        async with Client(Settings(base_url=url), SecretStr("any")) as client:
            lists = await read_run_lists(client, new_requester(Clock(), 1000), ListRange(limit=None), ())
            agents = await read_agents(client.agents, Clock())
        return tuple(
            parse_run(value, one.name) for one in lists.runs for value in one.rows.values()
        ), agents.names

    return asyncio.run(read())


def past_of(simulator, spans, **rest):
    """Return a history of all runs of a simulator."""
    rows, names = listed(simulator.url)
    return RememberedRuns(rows, spans, agents=names, **rest)


def watched_all(now, days=30):
    """Return the spans of a history that was watched live up to now."""
    return [(now - days * 86_400, now, LIVE)]
