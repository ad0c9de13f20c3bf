"""Which run's text is followed, when it ends, and how often it is drawn: with a fake of the services and of the feed."""

from __future__ import annotations

import asyncio
import json

import pytest

from flowtui.errors import ApiError, NotFoundError, RateLimitedError, TransportError
from flowtui.model.feed import ATTACH
from flowtui.model.messages.live_text import LiveReader
from flowtui.ui.run import live_follower
from flowtui.ui.run.live_follower import FRAME, GROUP, PAUSE, REST, LiveFollower

from ...clocks import JumpingClock
from ..services import FakeServices

START = {"type": "start"}
DONE = "[DONE]"


def delta(text):
    return {"type": "text-delta", "id": "0", "delta": text}


class LiveFeed:
    """Each call of `attach` takes the next of `streams`: a list of events; an error in it is raised."""

    def __init__(self, can, streams):
        self.can, self.streams = frozenset(can), list(streams)
        self.clock, self.asked, self.closed = JumpingClock(), [], 0

    async def attach(self, key):
        self.asked.append((key, self.clock.elapsed))
        reader = LiveReader()
        try:
            for event in self.streams.pop(0):
                if isinstance(event, ApiError):
                    raise event
                reader.take(event.encode() if event == DONE else json.dumps(event).encode(), 1.0)
                yield reader
        finally:
            self.closed += 1


class Desk:
    def __init__(self, *streams, can=(ATTACH,), on=True, redact=False):
        self.services, self.feed, self.drawn = FakeServices(), LiveFeed(can, streams), 0
        self.live = LiveFollower(self.services, self.draw, on=on, redact=redact)
        self.live.connect(self.feed)

    def draw(self):
        self.drawn += 1

    async def followed(self, run):
        """Follow a run until its stream ends."""
        self.live.follow(run)
        self.services.advance(REST)
        work = asyncio.create_task(self.services.work(GROUP))
        await self.feed.clock.run(work)

    def text(self, run):
        live = self.live.get(run)
        return None if live is None else ["".join(part.lines) for part in live.parts]


@pytest.fixture
def run(a_run):
    return a_run("run_1", "running")


async def test_a_running_run_whose_messages_stay_in_sight_is_followed_once(run):
    desk = Desk([START, delta("on its"), delta(" way"), DONE])
    desk.live.follow(run)
    desk.services.advance(REST - 0.01)
    assert desk.services.started == []
    for _ in range(5):
        desk.live.follow(run)  # each update says again what is in sight
    assert desk.text(run) is None
    await desk.followed(run)
    assert [key for key, _ in desk.feed.asked] == [run.key]
    assert desk.text(run) == ["on its way"]
    assert desk.feed.closed == 1


@pytest.mark.parametrize("status", ["queued", "completed", "failed", "canceled", "in_progress"])
def test_only_a_running_run_is_followed(a_run, status):
    desk = Desk()
    desk.live.follow(a_run("run_1", status))
    desk.services.advance(60)
    assert (desk.services.started, desk.services.ended) == ([], [])


@pytest.mark.parametrize("how", [{"on": False}, {"can": ()}])
def test_nothing_is_followed_if_it_is_off_or_the_feed_cannot(run, how):
    desk = Desk(**how)
    desk.live.follow(run)
    desk.services.advance(60)
    assert (desk.services.started, desk.services.timers, desk.live.get(run)) == ([], [], None)


@pytest.mark.parametrize("instead", [None, "other", "ended"])
async def test_it_ends_with_the_tab_with_another_run_and_with_the_run(run, a_run, instead):
    desk = Desk([START, delta("a")], [START])
    desk.feed.streams[0].append(TransportError("cut"))
    desk.live.follow(run)
    desk.services.advance(REST)
    assert [each.exclusive for each in desk.services.started] == [True]
    other = {None: None, "other": a_run("run_2", "running"), "ended": a_run("run_1", "completed")}[instead]
    desk.live.follow(other)
    assert desk.services.ended[-1] == GROUP
    assert desk.services.started == []
    desk.services.advance(60)
    assert [each.group for each in desk.services.started] == ([GROUP] if instead == "other" else [])


async def test_the_text_stays_after_the_end_of_the_run_and_goes_with_the_tab(run, a_run):
    desk = Desk([START, delta("a"), DONE])
    await desk.followed(run)
    ended = a_run("run_1", "completed")
    desk.live.follow(ended)
    assert desk.text(ended) == ["a"]
    desk.live.follow(None)
    assert desk.text(ended) is None


async def test_the_cursor_that_only_passes_a_run_causes_no_request(run, a_run):
    desk = Desk([DONE])
    for number in range(20):
        desk.live.follow(a_run(f"run_{number}", "running"))
        desk.services.advance(REST / 2)
    desk.services.advance(REST)
    await desk.services.work(GROUP)
    assert [key[1] for key, _ in desk.feed.asked] == ["run_19"]


async def test_many_events_are_drawn_together(run):
    desk = Desk([START, *[delta("x")] * 500, DONE])
    await desk.followed(run)
    assert desk.drawn == 0
    desk.services.advance(FRAME)
    assert desk.drawn == 1
    desk.services.advance(60)
    assert desk.drawn == 1


async def test_slow_paints_are_made_less_often(run, monkeypatch):
    now = iter(range(100))
    monkeypatch.setattr(live_follower.time, "perf_counter", lambda: next(now))
    desk = Desk([START, delta("a")], [delta("b"), DONE])
    await desk.followed(run)
    desk.services.advance(FRAME)
    desk.live._take(run.key, LiveReader())
    desk.services.advance(PAUSE - 0.01)
    assert desk.drawn == 1
    desk.services.advance(0.02)
    assert desk.drawn == 2


async def test_a_stream_that_breaks_off_is_opened_again_after_longer_and_longer_pauses(run):
    cut = [TransportError("cut")]
    desk = Desk(*[cut] * 6, [START, delta("a"), *cut], [START, delta("a"), delta("b"), DONE])
    await desk.followed(run)
    assert [at for _, at in desk.feed.asked] == [0, 5, 15, 35, 75, 135, 195, 200]
    assert desk.text(run) == ["ab"]
    assert desk.feed.closed == 8


async def test_a_stream_that_ends_without_done_is_opened_again(run):
    desk = Desk([START, delta("a")], [START, delta("ab"), DONE])
    await desk.followed(run)
    assert len(desk.feed.asked) == 2
    assert desk.text(run) == ["ab"]


async def test_a_pause_that_the_server_asks_for_is_kept(run):
    desk = Desk([RateLimitedError("429", status=429, retry_after=40.0)], [DONE])
    await desk.followed(run)
    assert [at for _, at in desk.feed.asked] == [0, 40]


async def test_a_refusal_ends_it_in_silence(run):
    desk = Desk([NotFoundError("404", status=404)])
    await desk.followed(run)
    desk.services.advance(600)
    assert (desk.services.said, desk.drawn, desk.live.get(run)) == ([], 0, None)
    assert len(desk.feed.asked) == 1


async def test_with_redact_no_text_is_shown(run):
    call = {"type": "tool-input-available", "toolCallId": "c", "toolName": "crm", "input": {"secret": 1}}
    error = {"type": "error", "errorText": "secret"}
    desk = Desk([START, call, delta("secret"), error], [DONE], redact=True)
    await desk.followed(run)
    live = desk.live.get(run)
    assert "secret" not in str(live)
    assert [part.title for part in live.parts] == ["crm", ""]
