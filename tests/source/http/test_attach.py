"""Following an event stream over real HTTP: what is refused, what ends it, and that its connection is not one of the pool."""

from __future__ import annotations

import asyncio
import traceback
from contextlib import aclosing

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import ApiError, UsageError
from flowtui.source.http import attach
from flowtui.source.http.attach import refuses
from flowtui.source.http.client import Client

from ...faults.raw_server import RawServer, answer, cuts, says, says_and_hangs_up, says_for_ever, says_nothing

KEY = "sk-very-secret-0123"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
EVENT = b'data: {"type": "start"}\n\n'


def client_of(server, **fields):
    return Client(Settings(**{"base_url": server.url, "request_timeout": 30.0, **fields}), SecretStr(KEY))


async def events(talk, **fields):
    """Return the events of a stream, the error that ended it, and the server."""
    found, error = [], None
    async with RawServer(talk) as server, client_of(server, **fields) as client:
        try:
            async for some in client.attach("thr/1", "run_1"):
                found += some
        except ApiError as caught:
            error = caught
    assert KEY not in "".join(traceback.format_exception(error))
    assert getattr(error, "__context__", None) is None
    return found, error, server


async def test_a_stream_is_requested_once_as_what_it_is_and_read_to_its_end():
    found, error, server = await events(
        says_and_hangs_up(HEAD + EVENT + EVENT + b"data: [DONE]"), team="team_1"
    )
    assert (found, error) == ([EVENT[6:-2], EVENT[6:-2], b"[DONE]"], None)
    (head,) = server.requests
    lines = head.lower().split("\r\n")
    assert lines[0] == "get /v1/threads/thr%2f1/runs/run_1/attach http/1.1"
    assert {
        f"authorization: {KEY}",
        "accept: text/event-stream",
        "accept-encoding: identity",
        "x-team-id: team_1",
    } <= {*lines}


@pytest.mark.parametrize(
    ("reply", "refused"),
    [
        *(
            (answer(b"{}", status=f"{code} No"), True)
            for code in (301, 307, 401, 403, 404, 405, 409, 410, 422, 501)
        ),
        *((answer(b"{}", status=f"{code} No"), False) for code in (408, 429, 500, 502, 503)),
        (answer(b"{}", Content_Type="application/json"), True),
        (answer(b"<html>"), True),
        (answer(b"", status="204 No Content"), True),
        (answer(b"x", Content_Type="text/event-stream", Content_Encoding="gzip"), True),
        (b"SSH-2.0-x\r\n\r\n", False),
    ],
)
async def test_whatever_is_no_plain_event_stream_is_refused_or_fails(reply, refused):
    found, error, server = await events(says_and_hangs_up(reply))
    assert (found, refuses(error), len(server.requests)) == ([], refused, 1)


async def test_a_redirect_is_not_followed():
    async with RawServer(says(answer())) as other:
        moved = answer(b"", status="307 Moved", Location=f"{other.url}/v1/x")
        _, error, _ = await events(says_and_hangs_up(moved))
        assert refuses(error)
        assert other.requests == []


@pytest.mark.parametrize("talk", [cuts, says_nothing, says_for_ever(HEAD + EVENT, b"", 60.0)])
async def test_a_stream_that_is_cut_or_silent_ends_and_may_be_opened_again(talk, monkeypatch):
    monkeypatch.setattr(attach, "IDLE", 0.05)
    found, error, _ = await events(talk)
    assert error.retryable
    assert not refuses(error)
    assert len(found) <= 1


async def test_a_stream_without_end_is_left_after_its_limit(monkeypatch):
    monkeypatch.setattr(attach, "MAX_STREAM", 1 << 20)
    found, error, _ = await events(says_for_ever(HEAD, EVENT * 1000))
    assert "larger than 1 MiB" in str(error)
    assert not error.retryable
    assert not refuses(error)
    assert len(found) <= (1 << 20) // len(EVENT)


async def test_a_key_that_the_server_echoes_is_masked():
    found, _, _ = await events(says_and_hangs_up(HEAD + f'data: {{"type": "x", "a": "{KEY}"}}\n\n'.encode()))
    assert found == [b'{"type": "x", "a": "***"}']


async def test_a_text_is_masked_as_a_body_is():
    async with RawServer(says_nothing) as server, client_of(server) as client:
        assert client.mask(f"Grüße {KEY}\ud83d") == "Grüße ***\ud83d"


async def test_a_stream_that_is_cancelled_closes_its_connection():
    async with RawServer(says_for_ever(HEAD + EVENT, b"", 60.0)) as server, client_of(server) as client:

        async def read():
            async for _ in client.attach("t", "r"):
                came.set()

        for _ in range(3):
            came = asyncio.Event()
            task = asyncio.create_task(read())
            await came.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled()
        assert server.connections == 3


async def test_a_stream_takes_no_connection_of_the_pool_and_closes_its_own():
    gate = asyncio.Event()

    async def talk(writer):
        if b"attach" in server.requests[-1].encode():
            writer.write(HEAD + EVENT)
        else:
            await gate.wait()
            writer.write(answer())

    async with RawServer(talk) as server, client_of(server) as client:
        async with aclosing(client.attach("t", "r")) as stream:
            assert await anext(stream) == [EVENT[6:-2]]
            asking = [asyncio.create_task(client.threads()) for _ in range(5)]
            while len(server.requests) < 6:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            gate.set()
            await asyncio.gather(*asking)
        while server.open > 5:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_an_id_that_no_path_can_hold_is_refused_before_a_request():
    async with RawServer(says_nothing) as server, client_of(server) as client:
        with pytest.raises(UsageError):
            client.attach("..", "r")
    assert server.requests == []
