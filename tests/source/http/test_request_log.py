"""Log lines about requests and polling, without a server."""

import asyncio
import contextlib
import logging
import random
from email.utils import formatdate

import httpx
import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import NotFoundError, ServerError
from flowtui.source.http.client import Client
from flowtui.source.poll.circuit_breaker import CircuitBreaker
from flowtui.source.poll.poll_log import PollLog
from flowtui.source.poll.poller import Poller

NOW = 1_794_000_000.0


@pytest.fixture
def said(caplog):
    """Return a function that returns the log lines since the last call, as `LEVEL message`."""
    caplog.set_level(logging.DEBUG, logger="flowtui")

    def take():
        found = [f"{record.levelname} {record.getMessage()}" for record in caplog.records]
        caplog.clear()
        return found

    return take


def client(answer, **settings):
    transport = httpx.MockTransport(answer)
    return Client(Settings(**settings), SecretStr("k" * 20), transport=transport, wall=lambda: NOW)


async def test_a_clock_difference_is_logged_when_it_begins_and_ends(said):
    ahead = 300.0

    def answer(_request):
        return httpx.Response(200, json=[], headers={"date": formatdate(NOW + ahead, usegmt=True)})

    async with client(answer) as asked:
        for _ in range(12):
            await asked.threads()
        found = [line for line in said() if "clock" in line]
        assert found in (
            ["WARNING the server's clock is 300 s ahead of ours"],
            ["WARNING the server's clock is 301 s ahead of ours"],
        )
        ahead = 0.0
        for _ in range(12):
            await asked.threads()
        assert [line for line in said() if "clock" in line] == [
            "WARNING the server's clock agrees with ours again"
        ]


async def test_a_cancelled_request_is_logged(said):
    async def answer(_request):
        await asyncio.Event().wait()

    async with client(answer) as asked:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                await asked.run("thr_1", "run_1")
    assert any("GET /v1/threads/thr_1/runs/run_1: given up after" in line for line in said())


async def test_a_shortened_path_shows_no_part_of_the_key(said):
    async with client(lambda _: httpx.Response(404)) as asked:
        with pytest.raises(NotFoundError) as caught:
            await asked.runs("x" * 135 + "k" * 20 + "y" * 40)
    assert "kkk" not in str(caught.value) + "".join(said())


async def test_settings_are_logged_without_private_values(said):
    settings = {
        "api_key_command": "pass show private",
        "proxy": "http://u:private@127.0.0.1:3128",
        "api_key_env": "private",
        "filter": "private",
        "team": "team_7",
        "budget": 60,
    }
    given = Settings(**settings, sources=dict.fromkeys(settings, "file"))
    async with Client(
        given, SecretStr("k" * 20), transport=httpx.MockTransport(lambda _: httpx.Response(200))
    ):
        (line,) = said()
    assert line.startswith("INFO settings: base_url=https://flow.seekr.com")
    assert "budget=60 (file)" in line
    assert "team=team_7 (file)" in line
    assert "private" not in line


async def test_a_restart_of_the_poller_is_logged_with_the_type_of_the_error_only(said):
    class Broken:
        async def threads(self, **_):
            raise LookupError("what must not be shown")

        agents = threads

    poller = Poller(Broken(), fleet=False)
    task = asyncio.create_task(poller.run())
    try:
        async for update in poller.updates():
            if update.snapshot.incident_count:
                break
        found = said()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert any(line.startswith("ERROR a poll of ") and line.endswith("failed: LookupError") for line in found)
    assert "shown" not in "".join(found)


TARGET = ("runs", "thr_1")


def test_a_tripped_and_a_recovered_circuit_breaker_are_logged(said):
    breaker, log = CircuitBreaker(random.Random(1)), PollLog()
    for second in range(5):
        breaker.failed(ServerError("it fails", status=500), float(second), TARGET)
        log._tell_breaker(breaker, float(second))
    (line,) = said()
    assert line.startswith(
        "WARNING the server as a whole fails, for 4.0 s so far (server): one request at a time"
    )
    breaker.answered(TARGET, recovered=True)
    log._tell_breaker(breaker, 9.0)
    log._tell_breaker(breaker, 9.0)
    assert said() == ["WARNING the server answers again: all is asked as usual"]


def test_an_interval_is_logged_only_when_it_changes_much(said):
    log = PollLog()
    for interval in (2.0, 2.1, 8.0, 8.5, 7.5, 2.0):
        log._tell_interval(interval, 2.0)
    assert said() == [
        "WARNING threads with active runs are asked every 8.0 s; 2.0 s are wished for",
        "WARNING threads with active runs are asked every 2.0 s; 2.0 s are wished for",
    ]
