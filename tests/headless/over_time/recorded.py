"""A real history file of a simulator's runs, as a dashboard would have written it."""

from __future__ import annotations

from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.model.run.row import RUNNING
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.history import open_history

from ...remembered_runs import listed
from ..conftest import NOW

KEY = SecretStr("hunter2-key")


def record_beside(simulator, hours, ahead):
    """Write a history as `record` does, by a clock that the server's is `ahead` of; ends of the last quarter hour are seen as they come."""
    rows, names = listed(simulator.url)
    threads = {key: ThreadState(key, 2.0) for key in dict.fromkeys(run.thread_key for run in rows)}
    now = NOW - hours * 3600
    history = open_history(Settings(base_url=simulator.url), KEY, lambda: now - ahead)
    while now <= NOW:
        if now >= NOW - 1000 or not any(state.read for state in threads.values()):
            for key, state in threads.items():
                own = [_as_of(run, now) for run in rows if run.thread_key == key and run.created <= now]
                threads[key] = apply_runs(state, own, at=now - ahead, whole=True)[0]
        history.recorder.record(
            Update(Snapshot(now - ahead, threads=dict(threads), agents=names, listed=True), ())
        )
        history.recorder.flush()
        now += 100 if now < NOW - 1000 else 10
    history.close()


def _as_of(run, now):
    """Return a run as it was shown at an earlier time."""
    if run.ended is None or run.ended <= now:
        return run
    return run._replace(status="running", status_class=RUNNING, completed=None, failed=None, cancelled=None)


def record(simulator, hours, *, until=NOW, **settings):
    """Write a history of all runs that was watched live for the hours before `until`. Return its folder's files."""
    rows, names = listed(simulator.url)
    threads = {}
    for key in dict.fromkeys(run.thread_key for run in rows):
        own = [run for run in rows if run.thread_key == key]
        threads[key] = apply_runs(ThreadState(key, 2.0), own, at=until, whole=True)[0]
    now = [until - hours * 3600]
    history = open_history(Settings(base_url=simulator.url, **settings), KEY, lambda: now[0])
    assert history.notice
    while now[0] < until:
        history.recorder.record(Update(Snapshot(now[0], threads=threads, agents=names, listed=True), ()))
        now[0] = min(until, now[0] + 100)
    history.recorder.record(Update(Snapshot(until, threads=threads, agents=names, listed=True), ()))
    history.close()
    assert history.recorder.trouble == ""
