"""The client against a raw socket server on port 0 that sends whatever the test sets."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import sys
import traceback

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import (
    ApiError,
    AuthError,
    ConfigError,
    DeadlineError,
    RedirectError,
    TooLargeError,
    TransportError,
    UnreadableError,
)
from flowtui.source.http.client import Client
from flowtui.source.http.concurrency import max_concurrent_polls

from ...faults.raw_server import RawServer, answer, says, says_and_hangs_up

KEY = "sk-very-secret-0123"
CONNECTIONS = max_concurrent_polls(300) + 1


def client_of(server, *, key=KEY, **fields):
    settings = Settings(**{"base_url": server.url, "request_timeout": 30.0, **fields})
    return Client(settings, SecretStr(key))


async def failure(talk, **fields):
    async with RawServer(talk) as server, client_of(server, **fields) as client:
        with pytest.raises(ApiError) as caught:
            await client.threads()
    assert KEY not in "".join(traceback.format_exception(caught.value))
    return caught.value


# --- what goes over the wire


@pytest.mark.parametrize(
    ("name", "path_segment"),
    [
        ("thr_1", "thr_1"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("a/b", "a%2Fb"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("%2e%2e", "%252e%252e"),
        ("%2F", "%252F"),
        ("a b+c", "a%20b%2Bc"),
        ("thé ☃ 💡", "th%C3%A9%20%E2%98%83%20%F0%9F%92%A1"),
        ("a\r\nX-Evil: 1", "a%0D%0AX-Evil%3A%201"),
        ("\x00\x1b", "%00%1B"),
        ("\ud800", "%ED%A0%80"),
        ("a;b,c=d&e@f:g", "a%3Bb%2Cc%3Dd%26e%40f%3Ag"),
        ("...", "..."),
        ("a\\b", "a%5Cb"),
        ("[x]", "%5Bx%5D"),
    ],
)
async def test_an_id_stays_one_path_segment(name, path_segment):
    async with RawServer(says(answer())) as server, client_of(server) as client:
        await client.messages(name)
        await client.run(name, name)
    assert server.targets == [
        f"/v1/threads/{path_segment}/messages?limit=20&order=desc&offset=0&include_parts=true",
        f"/v1/threads/{path_segment}/runs/{path_segment}",
    ]


async def test_a_request_has_its_query_and_headers():
    async with RawServer(says(answer())) as server, client_of(server, team="team_1") as client:
        await client.threads(limit=3, offset=6)
    lines = server.requests[0].lower().split("\r\n")
    assert lines[0] == "get /v1/threads?limit=3&order=desc&offset=6 http/1.1"
    assert f"authorization: {KEY}" in lines
    assert "x-team-id: team_1" in lines
    assert "accept-encoding: gzip, deflate" in lines


async def test_sequential_requests_share_one_connection():
    async with RawServer(says(answer())) as server, client_of(server) as client:
        for _ in range(10):
            await client.threads()
    assert server.connections == 1


async def test_errors_with_a_short_body_keep_the_connection():
    reply = answer(b'{"detail": "no"}', status="404 Not Found")
    async with RawServer(says(reply)) as server, client_of(server) as client:
        for _ in range(3):
            with pytest.raises(ApiError):
                await client.threads()
    assert server.connections == 1


@pytest.mark.parametrize(("budget", "most"), [(300, 5), (2_000, 11)])
async def test_there_are_never_more_connections_than_the_budget_needs(budget, most):
    gate = asyncio.Event()
    arrived = asyncio.Semaphore(0)

    async def talk(writer):
        arrived.release()
        await gate.wait()
        writer.write(answer())

    async with RawServer(talk) as server, client_of(server, budget=budget) as client:
        asking = [asyncio.create_task(client.threads()) for _ in range(20)]
        for _ in range(most):
            await arrived.acquire()
        gate.set()
        await asyncio.gather(*asking)
    assert len(server.requests) == 20
    assert server.most_open == server.connections == most


async def test_a_connection_that_the_server_closed_is_replaced():
    async with (
        RawServer(says_and_hangs_up(answer(Connection="close"))) as server,
        client_of(server) as client,
    ):
        for _ in range(3):
            await client.threads()
    assert server.connections == 3


# --- faults


async def test_a_body_that_trickles_in_ends_at_the_deadline():
    async def drip(writer):
        writer.write(answer(b"[", length=1000))
        while True:
            await writer.drain()
            await asyncio.sleep(0.01)
            writer.write(b" ")

    error = await failure(drip, request_timeout=0.2)
    assert isinstance(error, DeadlineError)
    assert "within 0.2 s" in str(error)


async def test_an_unanswered_request_ends_at_the_deadline_and_frees_its_connection():
    async def silence(_writer):
        await asyncio.Event().wait()

    async with RawServer(silence) as server, client_of(server, request_timeout=0.1) as client:
        for _ in range(CONNECTIONS + 2):
            with pytest.raises(DeadlineError):
                await client.threads()
        server.talk = says(answer())
        client._timeout = 30.0  # long enough for the answer on a slow machine
        assert (await client.threads()).body == b"[]"


async def test_endless_1xx_answers_end_at_the_deadline():
    async def endless(writer):
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()

    assert isinstance(await failure(endless, request_timeout=0.2), DeadlineError)


async def test_a_gzip_bomb_is_refused_before_all_of_it_is_read():
    bomb = gzip.compress(bytes(64 * 2**20))
    error = await failure(says(answer(bomb, Content_Encoding="gzip")), max_body_mb=2.0)
    assert isinstance(error, TooLargeError)


async def test_a_body_without_end_is_refused():
    sent = []

    async def endless(writer):
        # Limit what the system buffers: on some it is many megabytes, which would count as sent here.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            sent.append(1)
            writer.write(b"10000\r\n" + bytes(65536) + b"\r\n")
            await writer.drain()

    error = await failure(endless, max_body_mb=1.0)
    assert isinstance(error, TooLargeError)
    assert len(sent) < 200


@pytest.mark.parametrize(
    "talk",
    [
        says_and_hangs_up(answer(b"[1, 2", length=100)),
        says_and_hangs_up(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1, 2"),
        says_and_hangs_up(b"HTTP/1.1 200 OK\r\nContent-Le"),
        says_and_hangs_up(b""),
        says_and_hangs_up(answer(gzip.compress(b"[]" * 500)[:-9], Content_Encoding="gzip")),
        says_and_hangs_up(b"SSH-2.0-OpenSSH_9.9 \x1b[2J\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 300_000),
    ],
    ids=["length", "chunks", "head", "nothing", "gzip", "no-http", "negative", "long-head"],
)
async def test_an_answer_that_breaks_off_is_a_transport_error(talk):
    error = await failure(talk)
    assert type(error) is TransportError
    assert "\x1b" not in str(error)
    assert error.hint


async def test_a_reset_is_a_transport_error():
    async def reset(writer):
        writer.write(answer(b"[", length=100))
        await writer.drain()
        linger = b"\1\0\0\0\0\0\0\0"  # linger on, for 0 seconds: close() sends RST
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    assert type(await failure(reset)) is TransportError


async def test_a_body_without_length_ends_with_the_connection():
    talk = says_and_hangs_up(b"HTTP/1.0 200 OK\r\n\r\n[1, 2]")
    async with RawServer(talk) as server, client_of(server) as client:
        assert (await client.threads()).body == b"[1, 2]"


async def test_a_compressed_body_is_decompressed():
    body = b'[{"id": "run_1"}]' * 5000
    talk = says(answer(gzip.compress(body), Content_Encoding="gzip"))
    async with RawServer(talk) as server, client_of(server) as client:
        assert (await client.threads()).body == body


async def test_an_encoding_that_was_not_asked_for_is_unreadable():
    assert isinstance(await failure(says(answer(b"x", Content_Encoding="br"))), UnreadableError)


async def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else():
    async with RawServer(says(answer())) as elsewhere:
        target = f"http://127.0.0.1:{elsewhere.port}/steal?key=1"
        error = await failure(says(answer(status="302 Found", Location=target)))
    assert isinstance(error, RedirectError)
    assert "127.0.0.1" in str(error)
    assert "steal" not in str(error)
    assert elsewhere.connections == 0


async def test_a_redirect_to_an_invalid_address_is_still_a_redirect():
    error = await failure(says(answer(status="302 Found", Location="https://[::1\x1b:xy/z")))
    assert isinstance(error, RedirectError)
    assert "\x1b" not in str(error)


async def test_a_refused_connection_is_a_transport_error_with_a_hint():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with Client(Settings(base_url=url), SecretStr(KEY)) as client:
            with pytest.raises(TransportError, match=r"refuses connections.*base URL.*simulate"):
                await client.threads()


async def test_an_unknown_host_is_a_transport_error_that_names_it(monkeypatch):
    async def unknown(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    async with Client(Settings(base_url="https://flow.invalid"), SecretStr(KEY)) as client:
        with pytest.raises(TransportError, match=r"there is no host flow\.invalid"):
            await client.threads()


async def test_a_plain_http_server_behind_https_is_a_tls_error():
    async def plain(_reader, writer):
        writer.write(b"no TLS here\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Client(Settings(base_url=url), SecretStr(KEY)) as client:
            with pytest.raises(TransportError, match=r"no secure connection.*ca_bundle") as caught:
                await client.threads()
    assert KEY not in str(caught.value)


# --- the key and the environment


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_proxies_of_the_environment_are_not_used(monkeypatch, name):
    async with RawServer(says(answer(b'["proxy"]'))) as proxy, RawServer(says(answer())) as server:
        monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        async with client_of(server) as client:
            assert (await client.threads()).body == b"[]"
    assert proxy.connections == 0


async def test_the_configured_proxy_is_used():
    async with (
        RawServer(says(answer(b'["proxy"]'))) as proxy,
        RawServer(says(answer())) as server,
        client_of(server, proxy=proxy.url) as client,
    ):
        assert (await client.threads()).body == b'["proxy"]'
    assert server.connections == 0


async def test_a_remote_proxy_is_not_used_for_loopback():
    async with RawServer(says(answer())) as server, client_of(server, proxy="http://192.0.2.1:1") as client:
        assert (await client.threads()).body == b"[]"


async def test_an_error_of_the_proxy_names_the_setting():
    async with RawServer(says(answer(status="407 Proxy Authentication Required"))) as proxy:
        settings = Settings(base_url="https://api.test", proxy=proxy.url)
        async with Client(settings, SecretStr(KEY)) as client:
            with pytest.raises(TransportError, match="proxy"):
                await client.threads()
    assert KEY not in proxy.requests[0]


async def test_netrc_is_not_read(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password other\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    async with RawServer(says(answer())) as server, client_of(server) as client:
        await client.threads()
    assert f"authorization: {KEY}" in server.requests[0].lower()


async def test_a_key_with_a_newline_is_refused_before_anything_is_sent():
    async with RawServer(says(answer())) as server:
        for key in (f"{KEY}\n", f"{KEY}\r\nX-Evil: 1"):
            with pytest.raises(ConfigError) as caught:
                client_of(server, key=key)
            assert KEY not in str(caught.value)
    assert server.connections == 0


async def test_a_key_that_the_server_echoes_is_masked():
    async def echo(writer):
        head = server.requests[-1].replace('"', "'").replace("\r\n", " ")
        writer.write(answer(f'{{"detail": "you sent {head}"}}'.encode(), status="401 Unauthorized"))

    async with RawServer(echo) as server, client_of(server) as client:
        with pytest.raises(AuthError) as caught:
            await client.agents()
    assert KEY not in str(caught.value)
    assert "you sent" in str(caught.value)


async def test_a_request_that_is_cancelled_frees_its_connection():
    gate = asyncio.Event()

    async def hang(_writer):
        gate.set()
        await asyncio.Event().wait()

    async with RawServer(hang) as server, client_of(server) as client:
        for _ in range(CONNECTIONS + 1):
            gate.clear()
            task = asyncio.create_task(client.threads())
            await gate.wait()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert task.cancelled()
        server.talk = says(answer())
        assert (await client.threads()).body == b"[]"


def test_plain_http_trusts_no_certificate():
    client = Client(Settings(base_url="http://127.0.0.1:1"), SecretStr(KEY))
    context = client._http._transport._pool._ssl_context
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.get_ca_certs() == []


async def test_later_requests_search_no_module_on_the_disk(monkeypatch):
    looked_for = []

    class Finder:
        @staticmethod
        def find_spec(name, _path=None, _target=None):
            looked_for.append(name)

    async with RawServer(says(answer())) as server, client_of(server) as client:
        await client.threads()
        monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
        await client.threads()
    assert looked_for == []
