"""What the feeds have in common. That the poller is one is checked by mypy where a front end takes it."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest

from flowtui.model.feed import EVERYTHING, Feed
from flowtui.source.poll.poller import Poller

from ..clocks import JumpingClock
from ..feeds import ListFeed

NAMES = sorted(name for name in {*vars(Feed), *Feed.__mro__[1].__dict__} if not name.startswith("_"))


@pytest.fixture(
    params=[ListFeed, lambda: Poller(SimpleNamespace(), clock=JumpingClock())], ids=["list", "poller"]
)
def feed(request):
    return request.param()


def test_every_feed_has_all_names_with_the_same_parameters(feed):
    assert {"updates", "run", "fetch_spans", "fetch_run", "cancel_run"} <= set(NAMES)
    for name in NAMES:
        promised, had = getattr(Feed, name), getattr(feed, name)
        if inspect.isfunction(promised):
            wanted = list(inspect.signature(promised).parameters.values())[1:]
            got = list(inspect.signature(had).parameters.values())
            assert [(one.name, one.default) for one in got] == [(one.name, one.default) for one in wanted], (
                name
            )


async def test_every_feed_gives_its_snapshot_as_the_first_update(feed):
    updates = feed.updates()
    first = await anext(updates)
    assert (first.snapshot, first.changes) == (feed.snapshot(), ())
    await updates.aclose()


def test_interval_and_paths_can_be_set(feed):
    feed.interval, feed.paths = 7.0, ("meta_data.env",)
    assert (feed.interval, tuple(feed.paths)) == (7.0, ("meta_data.env",))


def test_the_poller_can_do_everything_and_a_list_nothing():
    assert Poller.can == EVERYTHING
    assert ListFeed().can == frozenset()
