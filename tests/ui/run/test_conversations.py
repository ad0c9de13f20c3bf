"""Reading messages with few requests: even if the thread changes meanwhile, no message is lost or duplicated."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.errors import ServerError
from flowtui.ui.run.conversations import INTERVAL, MAX_KEPT, MAX_READ, NEWEST, PAGE, PAGES, Conversations

from ...examples import examples

BEGIN = 1_800_000_000.0


class Thread:
    """A thread with one message a second; `before` is called before each page is sent."""

    def __init__(self):
        self.now = BEGIN
        self.messages = []  # oldest first
        self.asked = []
        self.trouble = None
        self.before = lambda: None
        self.gate = None

    def write(self, count, run, at=None):
        for _ in range(count):
            number = len(self.messages) if not self.messages else int(self.messages[-1]["id"][4:]) + 1
            moment = BEGIN - 10_000 + number if at is None else at
            self.messages.append(
                {
                    "id": f"msg_{number}",
                    "role": "assistant",
                    "run_id": run,
                    "created_at": datetime.fromtimestamp(moment, UTC).isoformat(),
                    "content": f"text {number}",
                }
            )
        return self.messages[-1]

    async def page(self, thread, limit, offset):
        self.before()
        self.asked.append((thread, limit, offset))
        if self.gate is not None:
            await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        return self.messages[::-1][offset : offset + limit]


@pytest.fixture
def thread():
    return Thread()


@pytest.fixture
def talks(thread):
    return Conversations(thread.page, lambda: thread.now)


def at(number):
    return BEGIN - 10_000 + number


def texts(talk):
    return [one.parts[0].lines[0] for one in talk.messages]


async def test_a_run_whose_messages_are_the_newest_takes_one_page(thread, talks, a_run):
    thread.write(40, "run_0")
    thread.write(5, "run_1")
    run = a_run(status="completed", created=at(40), completed=at(45))
    assert talks.get(run).value is None
    assert talks.needs_fetch(run)
    await talks.fetch(run)
    talk = talks.get(run).value
    assert texts(talk) == [f"text {number}" for number in range(40, 45)]
    assert (talk.complete, talk.older, talk.others, talk.probable) == (True, False, 40, {})
    assert thread.asked == [("thr_1", PAGE, 0)]
    assert not talks.needs_fetch(run, thread.now)


async def test_the_first_run_of_a_thread_is_complete_when_the_start_of_the_thread_is_reached(
    thread, talks, a_run
):
    thread.write(7, "run_1")
    run = a_run(status="completed", created=at(0), completed=at(7))
    await talks.fetch(run)
    talk = talks.get(run).value
    assert len(talk.messages) == 7
    assert talk.complete
    assert not talks.needs_fetch(run)


async def test_an_empty_thread_is_complete(thread, talks, a_run):
    run = a_run(created=at(0))
    await talks.fetch(run)
    talk = talks.get(run).value
    assert (talk.messages, talk.complete, talk.read) == ((), True, 0)
    thread.write(3, "run_1")
    thread.now += INTERVAL
    await talks.fetch(run)
    assert len(talks.get(run).value.messages) == 3
    assert talks.get(run).value.complete


async def test_messages_of_an_old_run_are_read_further_back_on_request(thread, talks, a_run):
    thread.write(30, "run_0")
    thread.write(20, "run_1")
    thread.write(700, "run_2")
    run = a_run(status="completed", created=at(30), completed=at(50))
    await talks.fetch(run)
    talk = talks.get(run).value
    assert (len(thread.asked), talk.complete, talk.older, talk.messages) == (PAGES, False, True, ())
    assert not talks.needs_fetch(run, thread.now)
    await talks.more(run)
    talk = talks.get(run).value
    assert texts(talk) == [f"text {number}" for number in range(30, 50)]
    assert (talk.complete, talk.older) == (True, False)
    asked = len(thread.asked)
    assert asked <= 2 * PAGES
    await talks.more(run)
    assert len(thread.asked) == asked


@pytest.mark.parametrize("burst", [1, 9, 25, 90])
async def test_messages_arriving_meanwhile_are_neither_lost_nor_duplicated(thread, talks, a_run, burst):
    thread.write(20, "run_0")
    thread.write(250, "run_1")
    run = a_run(created=at(20))
    left = iter([burst] * 4)
    thread.before = lambda: thread.write(next(left, 0), "run_1") if thread.asked else None
    await talks.fetch(run)
    thread.now += INTERVAL
    await talks.fetch(run)
    while talks.get(run).value.older:
        await talks.more(run)
    talk = talks.get(run).value
    known = [one["content"] for one in thread.messages if one["run_id"] == "run_1"]
    assert texts(talk) == known
    assert talk.complete


@pytest.mark.parametrize("gone", [1, 15, 60])
async def test_if_messages_are_deleted_while_reading_no_others_are_missed(thread, talks, a_run, gone):
    thread.write(20, "run_0")
    thread.write(330, "run_1")
    run = a_run(status="completed", created=at(20), completed=at(350))
    thread.before = lambda: (
        thread.messages.__delitem__(slice(-gone, None)) if len(thread.asked) == 1 else None
    )
    await talks.fetch(run)
    while talks.get(run).value.older:
        await talks.more(run)
    assert texts(talks.get(run).value) == [f"text {number}" for number in range(20, 350)]


async def test_for_an_active_run_the_newest_page_is_read_again_and_again(thread, talks, a_run):
    thread.write(200, "run_0")
    thread.write(2, "run_1")
    run = a_run(created=at(200))
    await talks.fetch(run)
    assert not talks.needs_fetch(run, thread.now)
    thread.now += INTERVAL
    assert talks.needs_fetch(run, thread.now)
    thread.write(3, "run_1")
    thread.asked.clear()
    await talks.fetch(run)
    loaded = talks.get(run)
    assert thread.asked == [("thr_1", NEWEST, 0)]
    assert len(loaded.value.messages) == 5
    assert loaded.at == thread.now


async def test_a_message_that_got_longer_is_updated(thread, talks, a_run):
    message = thread.write(1, "run_1")
    run = a_run(created=at(0))
    await talks.fetch(run)
    message["content"] = "grown"
    thread.now += INTERVAL
    await talks.fetch(run)
    assert texts(talks.get(run).value) == ["grown"]


async def test_an_ended_run_is_read_once_more(thread, talks, a_run):
    thread.write(2, "run_1")
    await talks.fetch(a_run(created=at(0)))
    thread.write(1, "run_1")
    ended = a_run(status="completed", created=at(0), completed=at(3))
    assert talks.needs_fetch(ended)
    await talks.fetch(ended)
    assert len(talks.get(ended).value.messages) == 3
    thread.now += 100 * INTERVAL
    assert not talks.needs_fetch(ended, thread.now)


async def test_a_gap_is_read_page_by_page(thread, talks, a_run):
    thread.write(50, "run_0")
    thread.write(10, "run_1")
    run = a_run(created=at(50))
    await talks.fetch(run)
    thread.write(70, "run_1")
    thread.now += INTERVAL
    thread.asked.clear()
    await talks.fetch(run)
    talk = talks.get(run).value
    assert texts(talk) == [f"text {number}" for number in range(50, 130)]
    assert (talk.complete, talk.gaps) == (True, frozenset())
    assert 3 <= len(thread.asked) <= PAGES


async def test_a_wide_gap_is_shown_until_it_is_read(thread, talks, a_run):
    thread.write(50, "run_0")
    thread.write(10, "run_1")
    run = a_run(created=at(50))
    await talks.fetch(run)
    thread.write(900, "run_1")
    thread.now += INTERVAL
    await talks.fetch(run)
    talk = talks.get(run).value
    assert (talk.complete, talk.older) == (False, True)
    assert texts(talk)[:10] == [f"text {number}" for number in range(50, 60)]
    assert texts(talk)[-1] == "text 959"
    (gap,) = talk.gaps
    place = [one.key for one in talk.messages].index(gap)
    assert texts(talk)[place - 1] == "text 59"
    for _ in range(8):
        await talks.more(run)
    talk = talks.get(run).value
    assert texts(talk) == [f"text {number}" for number in range(50, 960)]
    assert (talk.complete, talk.older, talk.gaps) == (True, False, frozenset())


async def test_reading_continues_below_a_closed_gap(thread, talks, a_run):
    thread.write(10, "run_0")
    thread.write(1200, "run_1")
    run = a_run(created=at(10))
    await talks.fetch(run)
    thread.write(400, "run_1")
    thread.now += INTERVAL
    await talks.fetch(run)
    for _ in range(12):
        await talks.more(run)
    talk = talks.get(run).value
    assert texts(talk) == [f"text {number}" for number in range(10, 1610)]
    assert talk.complete


async def test_after_an_error_messages_stay_and_the_pause_before_the_next_read_grows(thread, talks, a_run):
    thread.write(3, "run_1")
    run = a_run(created=at(0))
    await talks.fetch(run)
    thread.now += INTERVAL
    thread.trouble = ServerError("GET: 503", status=503)
    await talks.fetch(run)
    loaded = talks.get(run)
    assert "503" in loaded.trouble
    assert len(loaded.value.messages) == 3
    assert loaded.at == BEGIN
    assert not talks.needs_fetch(run, thread.now)
    failed_at = thread.now
    thread.now += 1.0
    assert not talks.needs_fetch(run, failed_at)
    assert talks.needs_fetch(run, thread.now)
    await talks.fetch(run)
    thread.now += 1.0
    assert not talks.needs_fetch(run, thread.now)
    talks.allow_refetch(run.key)
    assert talks.needs_fetch(run)
    thread.trouble = None
    await talks.fetch(run)
    assert talks.get(run).trouble == ""


async def test_an_error_between_pages_loses_nothing(thread, talks, a_run):
    thread.write(300, "run_1")
    run = a_run(status="completed", created=at(0), completed=at(300))

    def fail_once():
        thread.trouble = ServerError("GET: 503", status=503) if len(thread.asked) == 1 else None

    thread.before = fail_once
    await talks.fetch(run)
    assert talks.get(run).trouble
    assert len(talks.get(run).value.messages) == PAGE
    thread.now += 2
    assert talks.needs_fetch(run, thread.now)
    await talks.fetch(run)
    assert len(talks.get(run).value.messages) == 300
    assert talks.get(run).value.complete


async def test_an_interrupted_read_continues_later(thread, talks, a_run):
    thread.write(3, "run_1")
    thread.gate = asyncio.Event()
    run = a_run(created=at(0))
    under_way = asyncio.create_task(talks.fetch(run))
    await asyncio.sleep(0)
    assert not talks.needs_fetch(run)
    await talks.fetch(run)
    assert len(thread.asked) == 1
    under_way.cancel()
    await asyncio.gather(under_way, return_exceptions=True)
    assert talks.needs_fetch(run)
    thread.gate = None
    await talks.fetch(run)
    assert len(talks.get(run).value.messages) == 3


async def test_each_page_is_shown_when_it_arrives(thread, talks, a_run):
    thread.write(300, "run_1")
    run = a_run(status="completed", created=at(0), completed=at(300))
    seen = []
    thread.before = lambda: seen.append(talks.get(run).value)
    await talks.fetch(run)
    assert seen[0] is None
    assert [len(talk.messages) for talk in seen[1:3]] == [100, 190]
    assert all(talk.reading for talk in seen[1:])
    assert not talks.get(run).value.reading


async def test_messages_without_a_run_are_assigned_by_time(thread, talks, a_run):
    thread.write(3, "run_0")
    thread.write(2, None)
    thread.write(1, "run_1")
    thread.write(1, None)
    thread.write(1, "run_1")
    thread.write(4, None)
    run = a_run(status="completed", created=at(5), completed=at(7))
    await talks.fetch(run)
    talk = talks.get(run).value
    assert texts(talk) == [f"text {number}" for number in range(3, 9)]
    words = {key: talk.probable[key] for key in talk.probable}
    assert words == {"msg_3": "before", "msg_4": "during", "msg_6": "during", "msg_8": "during"}


async def test_a_message_long_before_the_run_does_not_count_as_its_own(thread, talks, a_run):
    thread.write(2, None)
    thread.write(1, "run_1", at=at(9_000))
    run = a_run(status="completed", created=at(9_000), completed=at(9_001))
    await talks.fetch(run)
    assert texts(talks.get(run).value) == ["text 2"]


async def test_if_the_server_ignores_the_offset_reading_stops_with_a_reason(thread, talks, a_run):
    thread.write(500, "run_1")
    run = a_run(created=at(0))
    page = thread.page

    async def first_page(key, limit, _offset):
        return await page(key, limit, 0)

    stuck = Conversations(first_page, lambda: thread.now)
    await stuck.fetch(run)
    talk = stuck.get(run).value
    assert (talk.complete, talk.older) == (False, False)
    assert "offset" in talk.stopped


@pytest.mark.parametrize("cap", [1, 3, 17])
async def test_if_the_server_sends_smaller_pages_all_messages_are_read(thread, a_run, cap):
    thread.write(5, "run_0")
    thread.write(40, "run_1")
    run = a_run(status="completed", created=at(5), completed=at(45))
    talks = Conversations(
        lambda key, limit, offset: thread.page(key, min(limit, cap), offset), lambda: thread.now
    )
    await talks.fetch(run)
    for _ in range(30):
        await talks.more(run)
    assert len(talks.get(run).value.messages) == 40
    assert talks.get(run).value.complete


async def test_reading_stops_at_the_limit(thread, talks, a_run):
    thread.write(MAX_READ + 500, "run_1")
    run = a_run(created=at(0))
    await talks.fetch(run)
    for _ in range(30):
        await talks.more(run)
    talk = talks.get(run).value
    assert MAX_READ <= talk.read <= MAX_READ + PAGE
    assert not talk.older
    assert "most" in talk.stopped


async def test_only_the_latest_runs_are_kept(thread, talks, a_run):
    thread.write(1, "run_1")
    runs = [a_run(f"run_{number}", created=at(0)) for number in range(MAX_KEPT + 1)]
    for run in runs:
        await talks.fetch(run)
    assert talks.get(runs[0]).value is None
    assert talks.get(runs[-1]).value is not None


async def test_a_run_without_an_id_is_never_fetched(talks, a_run):
    nameless = a_run()._replace(raw_id="unreadable-1", unreadable="no id")
    assert nameless.placeholder
    assert not talks.needs_fetch(nameless)


@examples(40)
@given(
    st.lists(st.integers(-40, 140), max_size=6),
    st.sampled_from([9, 30, PAGE]),
    st.lists(st.booleans(), max_size=6),
)
def test_however_the_thread_changes_a_conversation_called_complete_lacks_no_message(a_run, moves, cap, looks):
    thread = Thread()
    thread.write(30, "run_0")
    thread.write(160, "run_1")
    run = a_run(created=at(30))
    left = iter(moves)

    def move():
        change = next(left, 0)
        if change < 0 and len(thread.messages) > 100:
            del thread.messages[change:]
        elif change > 0:
            thread.write(change, "run_1")

    async def read():
        talks = Conversations(
            lambda key, limit, offset: thread.page(key, min(limit, cap), offset), lambda: thread.now
        )
        await talks.fetch(run)
        thread.before = move
        for look in looks:
            thread.now += INTERVAL
            await (talks.fetch(run) if look else talks.more(run))
        thread.before = lambda: None
        thread.now += INTERVAL
        talks.allow_refetch(run.key)
        await talks.fetch(run)
        for _ in range(200):
            if not talks.get(run).value.older:
                break
            await talks.more(run)
        return talks.get(run).value

    talk = asyncio.run(read())
    numbers = [int(one.key[4:]) for one in talk.messages]
    assert numbers == sorted(set(numbers))
    assert talk.complete
    assert {int(one["id"][4:]) for one in thread.messages if one["run_id"] == "run_1"} <= set(numbers)
