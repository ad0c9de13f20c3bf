"""Reading lists page by page, and retries, with a source in memory: no network, no waiting."""

import json
import random

import pytest

from flowtui.errors import (
    DeadlineError,
    NotFoundError,
    RateLimitedError,
    TooLargeError,
    TransportError,
    UsageError,
)
from flowtui.headless.pages import Listing, ListRange, by_time, read_list
from flowtui.headless.retry import Requester, RetryBudget
from flowtui.source.poll.schedule import Budget


class Reply:
    request_id = "ray-1"

    def __init__(self, body, server_time=None):
        self.body = body
        self.server_time = server_time


class Source:
    """A list of rows; `script` maps the number of a call to the error it raises, or the bytes it answers."""

    def __init__(self, rows, script=None):
        self.rows = rows
        self.script = script or {}
        self.calls = []

    async def __call__(self, *, limit, order, offset):
        self.calls.append((limit, order, offset))
        planned = self.script.get(len(self.calls))
        if isinstance(planned, Exception):
            raise planned
        if planned is not None:
            return Reply(planned)
        return Reply(json.dumps(self.rows[offset : offset + limit]).encode())


@pytest.fixture
def requester(clock):
    return Requester(clock, Budget(10_000), random.Random(1))


def runs(count):
    return [{"id": f"r{n}"} for n in range(count)]


def identify(value):
    return value["id"] if isinstance(value, dict) and "id" in value else repr(value)


async def read(requester, source, **list_range):
    listing = Listing("t")
    await read_list(requester, source, ListRange(**list_range), identify, listing)
    return listing


@pytest.mark.parametrize("limit", [None, 1, 20, 99, 100, 101, 250, 1000])
async def test_the_newest_rows_or_all_are_read(requester, limit):
    listing = await read(requester, Source(runs(300)), limit=limit)
    assert listing.error is None
    assert list(listing.rows) == [f"r{n}" for n in range(300)][:limit]


async def test_the_offset_is_kept_on_every_page(requester):
    source = Source(runs(300))
    listing = await read(requester, source, limit=None, offset=50)
    assert list(listing.rows) == [f"r{n}" for n in range(50, 300)]
    assert all(offset >= 50 for _, _, offset in source.calls)


async def test_the_first_pages_stay_when_a_later_one_fails(requester):
    error = NotFoundError("gone", status=404)
    listing = await read(requester, Source(runs(300), {3: error}), limit=None)
    assert listing.error is error
    assert list(listing.rows)[:100] == [f"r{n}" for n in range(100)]
    assert len(listing.rows) > 100


async def test_readable_rows_of_a_broken_page_are_kept(requester):
    broken = b'[{"id": "r0"}, {"id": "r1"}, {"id'
    listing = await read(requester, Source(runs(9), dict.fromkeys(range(1, 99), broken)), limit=20)
    assert list(listing.rows) == ["r0", "r1"]
    assert "truncated" in str(listing.error)
    assert "ray-1" in str(listing.error)


async def test_equal_elements_without_an_id_are_each_read_once(requester):
    rows = [None, {"id": "a"}, None, {"x": 1}, {"x": 1}]
    listing = await read(requester, Source(rows), limit=None)
    assert list(listing.rows.values()) == rows


async def test_after_a_body_that_is_too_large_smaller_pages_are_requested(requester):
    source = Source(runs(60), {1: TooLargeError("big"), 2: TooLargeError("big")})
    listing = await read(requester, source, limit=None)
    assert listing.error is None
    assert len(listing.rows) == 60
    assert [limit for limit, _, _ in source.calls[:3]] == [100, 25, 6]


async def test_one_row_that_is_too_large_is_an_error(requester):
    source = Source(runs(60), {n: TooLargeError("big") for n in range(1, 50)})
    listing = await read(requester, source, limit=None)
    assert isinstance(listing.error, TooLargeError)
    assert [limit for limit, _, _ in source.calls] == [100, 25, 6, 1]


async def test_a_server_that_ignores_offset_is_an_error(requester):
    class Stuck(Source):
        async def __call__(self, *, limit, order, offset):  # noqa: ARG002  ignoring it is the fault
            return await super().__call__(limit=limit, order=order, offset=0)

    listing = await read(requester, Stuck(runs(300)), limit=None)
    assert "ignores offset" in str(listing.error)
    assert len(listing.rows) == 100


async def ask(requester, *answers):
    left = list(answers)

    async def call():
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer)

    return await requester.elements(call)


async def test_passing_errors_are_retried_within_ten_seconds(requester):
    found = await ask(requester, TransportError("reset"), DeadlineError("late"), b'[{"id": 1}]')
    assert found == ([{"id": 1}], None)
    assert len(requester.clock.waits) == 2


async def test_lasting_errors_are_returned_after_ten_seconds(requester):
    found = await ask(requester, TransportError("reset"))
    assert found.value == []
    assert str(found.error) == "reset"
    assert 5 < sum(requester.clock.waits) <= 10


async def test_no_more_requests_are_made_after_several_without_an_answer(requester):
    asked = 0

    async def call():
        nonlocal asked
        asked += 1
        requester.clock.time += 10.0  # each request takes until its deadline
        raise DeadlineError("late")

    for _ in range(40):
        found = await requester.elements(call)
        assert isinstance(found.error, TransportError)
    assert asked <= 7
    assert "Not asked" in str(found.error)


async def test_final_errors_are_not_retried(requester):
    found = await ask(requester, NotFoundError("gone", status=404))
    assert found.error is not None
    assert requester.clock.waits == []


async def test_retry_after_sets_the_pause(requester):
    await ask(requester, RateLimitedError("slow", status=429, retry_after=7.0), b"[]")
    assert requester.clock.waits == [7.0]
    await ask(requester, RateLimitedError("slow", status=429, retry_after=7.0), b"[]")
    assert requester.clock.waits == [7.0]  # three of the ten seconds were left


async def test_an_id_that_no_path_can_hold_is_an_error_of_its_thread(requester):
    found = await ask(requester, UsageError("'..' is no id"))
    assert found.error is not None
    assert found.error.exit_code == 3


def test_the_retry_budget_counts_parallel_waits_once():
    retry_budget = RetryBudget(10.0)
    retry_budget.begin(0.0)
    retry_budget.begin(1.0)
    assert retry_budget.left(4.0) == 6.0
    retry_budget.end(5.0)
    retry_budget.end(6.0)
    assert retry_budget.left(100.0) == 4.0
    retry_budget.begin(100.0)
    assert retry_budget.left(103.0) == 1.0


def test_rows_are_sorted_by_time_and_undated_rows_keep_their_place():
    rows = [("x", None), ("c", 3.0), ("a", 1.0), ("y", None), ("b", 2.0)]
    assert [name for name, _ in by_time(rows, lambda row: row[1], "desc")] == ["x", "c", "b", "a", "y"]
    assert [name for name, _ in by_time(rows, lambda row: row[1], "asc")] == ["x", "a", "y", "b", "c"]
