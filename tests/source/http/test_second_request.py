"""When the client asks again in the other form of a path, and what comes of it. With a mock transport."""

import asyncio
import json
import logging

import httpx
import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import (
    AuthError,
    DeadlineError,
    NotFoundError,
    RedirectError,
    RejectedError,
    ServerError,
    TransportError,
)
from flowtui.source.http.client import Client

KEY = "sk-very-secret/0123"


class Server:
    """Answers each path with and without a slash at its end as `slash` and `bare` say: a response, or a status.

    A redirect leads to the other form, by an absolute address with the scheme `scheme`.
    """

    def __init__(self, *, bare=200, slash=200, scheme="https"):
        self.answers = {False: bare, True: slash}
        self.scheme = scheme
        self.asked = []
        self.counted = 0

    def __call__(self, request):
        path, _, query = request.url.raw_path.decode().partition("?")
        self.asked.append(path)
        answer = self.answers[path.endswith("/")]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, content=answer.content)
        if 300 <= answer < 400:
            other = path[:-1] if path.endswith("/") else f"{path}/"
            target = f"{self.scheme}://{request.url.netloc.decode()}{other}{'?' + query if query else ''}"
            return httpx.Response(answer, headers={"location": target})
        return httpx.Response(answer, content=b"[]" if answer == 200 else b'{"detail": "Not Found"}')

    def client(self, **fields):
        settings = Settings(**{"base_url": "https://api.test", "request_timeout": 30.0, **fields})
        made = Client(settings, SecretStr(KEY), transport=httpx.MockTransport(self))

        async def count():
            self.counted += 1

        made.before_second = count
        return made


READS = {
    "threads": lambda client: client.threads(),
    "runs": lambda client: client.runs("t"),
    "run": lambda client: client.run("t", "r"),
    "messages": lambda client: client.messages("t"),
    "agents": lambda client: client.agents(),
    "spans": lambda client: client.spans({"limit": 5}),
}


@pytest.mark.parametrize("base", ["https://api.test", "https://api.test/gate"])
@pytest.mark.parametrize("refusal", [307, 308, 404, 405])
@pytest.mark.parametrize("name", READS)
async def test_the_form_that_works_is_found_and_kept(name, refusal, base):
    for known in ({"bare": refusal}, {"slash": refusal}):
        server = Server(**known, scheme="http")
        async with server.client(base_url=base) as client:
            for _ in range(3):
                assert (await READS[name](client)).body == b"[]"
        first, *later = server.asked
        works = [path for path in server.asked if path.endswith("/") == ("bare" in known)]
        assert len(server.asked) == (3 if first in works else 4)
        assert set(later) == {works[0]}
        assert server.counted == len(server.asked) - 3
        assert all(path.startswith(base.removeprefix("https://api.test")) for path in server.asked)


async def test_a_post_keeps_its_body():
    bodies = []

    def answer(request):
        bodies.append((request.method, request.content, request.headers["content-type"]))
        if request.url.path.endswith("/"):
            return httpx.Response(200, content=b"[]")
        return httpx.Response(308, headers={"location": f"{request.url.path}/"})

    settings = Settings(base_url="https://api.test", request_timeout=30.0)
    async with Client(settings, SecretStr(KEY), transport=httpx.MockTransport(answer)) as client:
        await client.spans({"limit": 5})
    assert bodies == [("POST", json.dumps({"limit": 5}).encode(), "application/json")] * 2


@pytest.mark.parametrize("status", [301, 302])
async def test_after_301_and_302_only_a_get_is_repeated(status):
    server = Server(bare=status)
    async with server.client() as client:
        assert (await client.threads()).body == b"[]"
        with pytest.raises(RedirectError, match=r"same path with a slash at its end, which was not followed"):
            await client.spans({})
    assert server.asked == ["/v1/threads", "/v1/threads/", "/v1/observability/spans"]


@pytest.mark.parametrize("refusal", [301, 302, 307, 308, 404, 405])
async def test_a_request_to_cancel_is_never_repeated(refusal):
    server = Server(bare=refusal)
    async with server.client(allow_actions=True) as client:
        with pytest.raises((RedirectError, NotFoundError, RejectedError)):
            await client.cancel("t", "r", "a")
        with pytest.raises((RedirectError, NotFoundError, RejectedError)):
            await client.cancel("t", "r", "a")
    assert server.asked == ["/v1/threads/t/runs/r/cancel"] * 2


async def test_redirects_in_a_circle_end_after_two_requests():
    server = Server(bare=307, slash=308)
    async with server.client() as client:
        with pytest.raises(RedirectError) as caught:
            await client.threads()
    assert server.asked == ["/v1/threads", "/v1/threads/"]
    assert "GET /v1/threads/: 308" in str(caught.value)
    assert "a redirect to the same path without a slash at its end, which was not followed" in str(
        caught.value
    )
    assert "redirects each of the two paths to the other" in str(caught.value)


async def test_an_unknown_thread_costs_one_more_request_once_and_nothing_once_a_form_works():
    known = {"/v1/threads/known/runs"}
    asked = []

    def answer(request):
        asked.append(request.url.path)
        if request.url.path in known:
            return httpx.Response(200, content=b"[]")
        return httpx.Response(404, content=b'{"detail": "Thread not found"}')

    settings = Settings(base_url="https://api.test", request_timeout=30.0)
    async with Client(settings, SecretStr(KEY), transport=httpx.MockTransport(answer)) as client:
        for _ in range(3):
            with pytest.raises(NotFoundError, match=r"GET /v1/threads/gone/runs: 404.*Thread not found"):
                await client.runs("gone")
        assert asked == ["/v1/threads/gone/runs", "/v1/threads/gone/runs/", *["/v1/threads/gone/runs"] * 2]
        asked.clear()
        await client.runs("known")
        with pytest.raises(NotFoundError):
            await client.runs("another")
    assert asked == ["/v1/threads/known/runs", "/v1/threads/another/runs"]


async def test_an_unknown_thread_first_does_not_hide_the_form_of_the_next():
    def answer(request):
        there = request.url.path == "/v1/threads/known/runs/"
        return httpx.Response(200 if there else 404, content=b"[]")

    settings = Settings(base_url="https://api.test", request_timeout=30.0)
    async with Client(settings, SecretStr(KEY), transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(NotFoundError):
            await client.runs("gone")
        assert (await client.runs("known")).body == b"[]"


@pytest.mark.parametrize(
    ("slash", "kind"),
    [
        (404, NotFoundError),
        (405, NotFoundError),
        (307, NotFoundError),
        (httpx.Response(200, content=b"<html>a page for any path"), NotFoundError),
        (401, AuthError),
        (422, RejectedError),
        (503, ServerError),
        (httpx.ConnectError("no"), TransportError),
        (httpx.ReadTimeout("late"), DeadlineError),
    ],
)
async def test_the_error_is_the_one_that_says_more(slash, kind):
    server = Server(bare=404, slash=slash)
    async with server.client() as client:
        with pytest.raises(kind) as caught:
            await client.threads()
    assert type(caught.value) is kind
    where = "GET /v1/threads: 404" if kind is NotFoundError else "GET /v1/threads/: "
    assert str(caught.value).startswith(where)
    assert caught.value.__context__ is None or KEY not in repr(caught.value.__context__)


async def test_a_failure_after_a_redirect_is_the_answer_and_settles_nothing():
    server = Server(bare=307, slash=503)
    async with server.client() as client:
        for _ in range(2):
            with pytest.raises(ServerError, match=r"GET /v1/threads/: 503"):
                await client.threads()
    assert server.asked == ["/v1/threads", "/v1/threads/"] * 2


async def test_a_server_may_change_its_mind():
    server = Server(bare=307)
    async with server.client() as client:
        await client.threads()
        server.answers = {False: 200, True: 308}
        await client.threads()
        await client.threads()
    assert server.asked == ["/v1/threads", "/v1/threads/", "/v1/threads/", "/v1/threads", "/v1/threads"]


@pytest.mark.parametrize("held_back", [0.0, 30.0])
async def test_both_requests_share_one_deadline_apart_from_waiting_for_the_budget(monkeypatch, held_back):
    ends, now = [], [100.0]
    timeout_at = asyncio.timeout_at
    monkeypatch.setattr(asyncio, "timeout_at", lambda when: ends.append(when) or timeout_at(when))
    server = Server(bare=307)

    async def wait():
        now[0] += held_back

    settings = Settings(base_url="https://api.test", request_timeout=30.0)
    transport = httpx.MockTransport(server)
    async with Client(settings, SecretStr(KEY), transport=transport, monotonic=lambda: now[0]) as client:
        client.before_second = wait
        await client.threads()
    assert ends == [ends[0], ends[0] + held_back]


async def test_both_requests_are_logged(caplog):
    caplog.set_level(logging.DEBUG, logger="flowtui.requests")
    server = Server(bare=307)
    async with server.client() as client:
        caplog.clear()
        await client.runs("t")
        lines = [f"{record.levelname} {record.getMessage()}" for record in caplog.records]
        caplog.clear()
        await client.runs("t")
    assert [line.partition(" after")[0].partition(" in ")[0] for line in lines] == [
        "WARNING GET /v1/threads/t/runs?limit=20&order=desc&offset=0: 307 redirect",
        "INFO GET /v1/threads/t/runs: 307, so it is asked again with a slash at its end",
        "DEBUG GET /v1/threads/t/runs/?limit=20&order=desc&offset=0: 200",
    ]
    assert [record.levelname for record in caplog.records] == ["DEBUG"]


class Agents:
    """Serves the paths of agents in `known`, and answers `other` for the others."""

    def __init__(self, *known, other=404):
        self.known = known
        self.other = other
        self.asked = []

    def __call__(self, request):
        self.asked.append(request.url.path)
        if request.url.path in self.known:
            return httpx.Response(200, content=b'{"data": []}')
        return self.other if isinstance(self.other, httpx.Response) else httpx.Response(self.other)


def client_of(handler):
    settings = Settings(base_url="https://api.test", request_timeout=30.0)
    return Client(settings, SecretStr(KEY), transport=httpx.MockTransport(handler))


@pytest.mark.parametrize("refusal", [404, 405])
@pytest.mark.parametrize(
    ("known", "first"),
    [
        ("/v2/flow/agents/", ["/v2/flow/agents/"]),
        ("/v2/flow/agents", ["/v2/flow/agents/", "/v2/flow/agents"]),
        ("/v1/flow/agents/", ["/v2/flow/agents/", "/v2/flow/agents", "/v1/flow/agents/"]),
        (
            "/v1/flow/agents",
            ["/v2/flow/agents/", "/v2/flow/agents", "/v1/flow/agents/", "/v1/flow/agents"],
        ),
    ],
)
async def test_the_version_of_agents_is_decided_once(known, first, refusal):
    server = Agents(known, other=refusal)
    async with client_of(server) as client:
        assert client.agents_path == ""
        await client.agents()
        assert client.agents_path == known.rstrip("/") + "/"
        assert server.asked == first
        await client.agents()
    assert server.asked == [*first, known]


@pytest.mark.parametrize(
    ("other", "kind", "asked"),
    [
        (404, NotFoundError, 4),
        (405, RejectedError, 4),
        (401, AuthError, 1),
        (503, ServerError, 1),
    ],
)
async def test_agents_of_no_version_are_an_error_of_the_newest(other, kind, asked):
    server = Agents(other=other)
    async with client_of(server) as client:
        with pytest.raises(kind, match=r"GET /v2/flow/agents/: "):
            await client.agents()
        assert client.agents_path == ""
    assert len(server.asked) == asked


async def test_an_error_of_the_older_version_decides_nothing():
    def answer(request):
        return httpx.Response(404 if request.url.path.startswith("/v2") else 503)

    async with client_of(answer) as client:
        with pytest.raises(ServerError, match=r"GET /v1/flow/agents/: 503"):
            await client.agents()
        assert client.agents_path == ""


async def test_a_web_page_for_any_older_path_is_no_list_of_agents():
    def answer(request):
        page = httpx.Response(200, content=b"<html>")
        return page if request.url.path.startswith("/v1") else httpx.Response(404)

    async with client_of(answer) as client:
        with pytest.raises(NotFoundError, match=r"GET /v2/flow/agents/: 404"):
            await client.agents()
