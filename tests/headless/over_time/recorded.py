"""A real history file of a simulator's runs, as a dashboard would have written it."""

from __future__ import annotations

from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.history import open_history

from ...remembered_runs import listed
from ..conftest import NOW

KEY = SecretStr("hunter2-key")


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
