"""Who has a lane: a thread with the agent of its newest run, or an agent with the number of its threads."""

from __future__ import annotations

import math

from flowtui import formatting
from flowtui.model.run.row import Run
from flowtui.model.state.health import LIVE, LOADING
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.timeline.lanes import ThreadHistory
from flowtui.text import safe_text, short_id
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.paint.ink import Span
from flowtui.ui.timeline.rows import LaneName
from flowtui.ui.widgets.freshness_words import health_words

_NOBODY = "no agent"


def thread_name(key: str, history: ThreadHistory, snapshot: Snapshot | None, app: AppBase) -> LaneName:
    """Return the name of a thread's lane. `key`: its raw id."""
    thread = snapshot.threads.get(key) if snapshot is not None else None
    name = short_id(thread.id if thread is not None else safe_text(key))
    trouble, seen = _trouble(key, snapshot, app)
    agent = _agent(history.segments[-1].run, snapshot) if history.segments else ""
    brief = name.rpartition("_")[2] or name
    return LaneName(name, history.active, history.failed, trouble, agent, seen, brief)


def agent_name(history: ThreadHistory, snapshot: Snapshot | None, app: AppBase) -> LaneName:
    """Return the name of an agent's lane. While a thread with an active run of it is not live, its lane is not either."""
    runs = [segment.run for segment in history.segments]
    name = _agent(runs[-1], snapshot) if runs else _NOBODY
    troubles = [_trouble(key, snapshot, app) for key in {run.thread_key for run in runs if run.active}]
    trouble, seen = min(troubles, key=lambda each: each[1], default=(None, math.inf))
    about = formatting.plural(len({run.thread_key for run in runs}), "thread")
    return LaneName(name, history.active, history.failed, trouble, about, seen)


def _agent(run: Run, snapshot: Snapshot | None) -> str:
    if not run.agent_id:
        return _NOBODY
    return (snapshot.agents.get(run.agent_id) if snapshot is not None else None) or short_id(run.agent_id)


def _trouble(key: str, snapshot: Snapshot | None, app: AppBase) -> tuple[Span | None, float]:
    """Return the health of a thread in words, and the server time of its last observation; (None, infinity) if it is good."""
    thread = snapshot.threads.get(key) if snapshot is not None else None
    if snapshot is None or thread is None:
        return None, math.inf
    now = app.now()
    health = snapshot.health_of(thread, now)
    if health.word in (LIVE, LOADING):
        return None, math.inf
    seen = -math.inf if thread.observed is None else snapshot.server_time(thread.observed)
    return health_words(health, now, app.zone), seen
