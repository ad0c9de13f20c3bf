"""The requests of a connection do not wait for the dashboard's modules, and it is closed in any case."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest

from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.app.connection import follow

UPDATE = Update(Snapshot(1.0, {}))


class Opened:
    """A connection whose feed has one update."""

    def __init__(self):
        self.feed, self.closed = self, 0

    async def updates(self):
        yield UPDATE

    async def close(self):
        self.closed += 1


@pytest.fixture
async def slow():
    """The import of the dashboard, which ends once `ready` is set."""
    loop = asyncio.get_running_loop()
    found = SimpleNamespace(ready=threading.Event(), began=asyncio.Event())

    def load():
        loop.call_soon_threadsafe(found.began.set)
        assert found.ready.wait(30)

    found.load = load
    return found


async def test_the_event_loop_goes_on_while_the_dashboard_is_imported(slow):
    opened, told = Opened(), []
    session = SimpleNamespace(connect=told.append, hurries=lambda: True)
    following = asyncio.create_task(
        follow(opened, slow.load, lambda: session, lambda *given: told.append(given))
    )
    await slow.began.wait()
    assert told == []
    slow.ready.set()
    await following
    assert told == [opened, (session, UPDATE)]
    assert opened.closed == 1


async def test_a_connection_that_is_given_up_meanwhile_is_closed(slow):
    opened = Opened()
    following = asyncio.create_task(follow(opened, slow.load, pytest.fail, pytest.fail))
    await slow.began.wait()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    slow.ready.set()
    assert opened.closed == 1
