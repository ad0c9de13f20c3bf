"""Details of the shown run: fetched once the cursor has stayed on it, each once, and again if the user asks."""

from __future__ import annotations

import pytest

from flowtui.model.feed import FETCH
from flowtui.ui.base.messages import DetailsNeeded, OlderMessagesRequested
from flowtui.ui.run import conversations
from flowtui.ui.run.fetcher import REST, DetailFetcher
from flowtui.ui.run.tabs import DIFF, MESSAGES, OVERVIEW, TIMELINE, WHY

from ...feeds import ListFeed, raw_run
from ..services import FakeServices


class Desk:
    """A fetcher with a fake of the application's services, and a feed with two runs of a thread.

    `other`: what the run under the cursor is compared with.
    """

    def __init__(self, services, *, connected=True, redact=False):
        self.services, self.feed = services, ListFeed(can=[FETCH])
        self.other = None
        instructions = {"instructions": "Be kind"}
        self.feed.read("thr_1", raw_run("run_2", **instructions), raw_run("run_1", **instructions))
        self.fetcher = DetailFetcher(services, self.feed.snapshot, lambda _run: self.other, redact=redact)
        if connected:
            self.fetcher.connect(self.feed)

    def run(self, run_id="run_1"):
        return self.feed.snapshot().run(("thr_1", run_id))

    def show(self, run=None, tab=OVERVIEW, *, again=False):
        self.fetcher.handle(DetailsNeeded(run or self.run(), tab, again))

    async def fetched(self, run=None, tab=OVERVIEW, *, again=False):
        """Show a run until its details are fetched; return what was asked of the feed."""
        self.feed.asked.clear()
        self.show(run, tab, again=again)
        self.services.advance(REST)
        await self.services.work("opened")
        return sorted({what for what, _ in self.feed.asked})


@pytest.fixture
def services():
    return FakeServices()


@pytest.fixture
def desk(services):
    return Desk(services)


async def test_details_are_fetched_after_a_moment_and_only_once(desk, services):
    run = desk.run()
    desk.show()
    services.advance(REST - 0.01)
    assert services.started == []
    assert desk.fetcher.opened(run).raw is None
    services.advance(0.01)
    await services.work("opened")
    assert desk.feed.asked == [("fetch_run", run.key)]
    assert desk.fetcher.opened(run).raw["instructions"] == "Be kind"
    assert services.redraws == 1
    desk.show()
    services.advance(60)
    assert (services.started, services.timers) == ([], [])


async def test_only_the_run_on_which_the_cursor_stays_is_fetched(desk, services):
    for run_id in ("run_1", "run_2", "run_1", "run_2"):
        desk.show(desk.run(run_id))
        services.advance(REST / 2)
    services.advance(REST)
    await services.work()
    assert desk.feed.asked == [("fetch_run", desk.run("run_2").key)]


async def test_updates_that_come_often_do_not_delay_a_fetch(desk, services):
    for _ in range(4):
        desk.show()
        services.advance(REST / 2)
    await services.work()
    assert desk.feed.asked == [("fetch_run", desk.run().key)]


async def test_a_request_that_is_under_way_is_not_repeated(desk, services):
    desk.show()
    services.advance(REST)
    desk.show()
    services.advance(REST)
    assert [(each.group, each.exclusive) for each in services.started] == [("opened", True)]
    await services.work()
    assert len(desk.feed.asked) == 1


async def test_if_the_user_asks_again_known_details_are_fetched_at_once(desk, services):
    await desk.fetched()
    desk.feed.asked.clear()
    desk.show(again=True)
    assert services.timers == []
    await services.work()
    assert desk.feed.asked == [("fetch_run", desk.run().key)]


async def test_asking_again_replaces_a_request_that_is_about_to_start(desk, services):
    desk.show()
    desk.show(again=True)
    services.advance(REST)
    await services.work()
    assert len(desk.feed.asked) == 1


async def test_details_are_fetched_again_after_the_status_has_changed(desk):
    run = desk.run()
    assert await desk.fetched(run) == ["fetch_run"]
    assert await desk.fetched(run) == []
    assert await desk.fetched(run._replace(status="failed")) == ["fetch_run"]


async def test_each_tab_gets_what_it_needs(desk):
    assert await desk.fetched(tab=OVERVIEW) == ["fetch_run"]
    assert await desk.fetched(tab=MESSAGES) == ["fetch_message_page"]
    assert await desk.fetched(tab=TIMELINE) == ["fetch_messages", "fetch_spans"]
    assert await desk.fetched(tab=WHY) == []  # it shows the same spans
    assert await desk.fetched(tab=DIFF) == []
    desk.other = (desk.run("run_2"), False)
    assert await desk.fetched(tab=DIFF) == ["fetch_run"]
    assert desk.fetcher.opened(desk.run()).against.raw["id"] == "run_2"


async def test_an_error_is_kept_and_the_fetch_repeated_once_the_thread_is_read_again(desk, services):
    desk.feed.can = frozenset()
    assert await desk.fetched() == ["fetch_run"]
    assert "no details" in desk.fetcher.opened(desk.run()).trouble
    assert services.redraws == 1
    desk.feed.can = frozenset({FETCH})
    assert await desk.fetched() == []
    assert await desk.fetched(again=True) == ["fetch_run"]
    assert desk.fetcher.opened(desk.run()).trouble == ""


async def test_older_messages_are_fetched_and_drawn(desk, services):
    messages = [{"id": f"msg_{number}", "role": "user"} for number in range(900)]
    desk.feed.messages["thr_1"] = messages
    await desk.fetched(tab=MESSAGES)
    pages = [key for what, key in desk.feed.asked if what == "fetch_message_page"]
    assert len(pages) == conversations.PAGES
    desk.feed.asked.clear()
    before = services.redraws
    desk.fetcher.handle(OlderMessagesRequested(desk.run()))
    assert [(each.group, each.exclusive) for each in services.started] == [("older", True)]
    await services.work()
    assert desk.feed.asked
    assert services.redraws == before + 1


async def test_without_a_connection_nothing_is_fetched(services):
    desk = Desk(services, connected=False)
    desk.show()
    desk.show(again=True)
    desk.fetcher.handle(OlderMessagesRequested(desk.run()))
    assert (services.timers, services.started) == ([], [])
    assert desk.fetcher.opened(desk.run()).raw is None
    desk.fetcher.connect(desk.feed)
    assert await desk.fetched() == ["fetch_run"]


async def test_with_redact_private_texts_are_hidden(services):
    desk = Desk(services, redact=True)
    await desk.fetched()
    assert "kind" not in str(desk.fetcher.opened(desk.run()).raw)
