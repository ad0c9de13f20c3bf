"""Further transport faults: any bytes lead to an answer or an error in time, and the next request succeeds."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import threading
import traceback
import zlib
from pathlib import Path

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import (
    ApiError,
    DeadlineError,
    NotFoundError,
    RedirectError,
    StatusError,
    TransportError,
    UnreadableError,
)
from flowtui.source.http.client import Client

from .conftest import KEY
from .raw_server import RawServer, World, answer, in_background, says, says_and_hangs_up, says_for_ever

GOOD = says(answer(b'["good"]'))
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
EVIL = answer(b'["evil"]')


def head(*lines: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([status, *lines, "", ""]).encode("latin-1")


PATIENCE = 30.0
"""Seconds of the deadline; only endless answers reach it."""


async def meet(talk, *, within=PATIENCE):
    """Send one request answered by `talk` and one with a valid answer, which must succeed; return the first body or error."""
    async with RawServer(talk) as server:
        client = Client(Settings(base_url=server.url, request_timeout=within), SecretStr(KEY))
        async with client:
            first: bytes | ApiError
            try:
                first = (await client.threads()).body
            except ApiError as error:
                first = error
            server.talk = GOOD
            client._timeout = PATIENCE
            assert (await client.threads()).body == b'["good"]'
    if isinstance(first, ApiError):
        assert KEY not in "".join(traceback.format_exception(first))
        assert str(first).isprintable()
        assert first.hint
    return first


NEVER_ENDS = {
    "a header that drips": says_for_ever(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"x", 0.01),
    "a first line that drips": says_for_ever(b"HTTP/1.", b"1", 0.01),
    "chunks that drip": says_for_ever(CHUNKED, b"1\r\n \r\n", 0.01),
    "a chunk's length that drips": says_for_ever(CHUNKED + b"0", b"0", 0.04),
    "trailers that drip": says_for_ever(CHUNKED + b"0\r\n", b"X: 1\r\n", 0.01),
    "chunks of one byte as fast as it can": says_for_ever(CHUNKED, b"1\r\n \r\n" * 1000),
    "103 Early Hints for ever": says_for_ever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 50),
    "gzip members of nothing that drip": says_for_ever(
        head("Content-Encoding: gzip", "Connection: close"), gzip.compress(b""), 0.01
    ),
}


@pytest.mark.parametrize("name", NEVER_ENDS)
async def test_an_endless_answer_ends_at_the_deadline(name):
    error = await meet(NEVER_ENDS[name], within=0.25)
    assert isinstance(error, DeadlineError), error
    assert "within 0.25 s" in str(error)


BROKEN = {
    "trailers for ever": says_for_ever(CHUNKED + b"0\r\n", b"X-More: 1\r\n" * 1000),
    "a chunk's name for ever": says_for_ever(CHUNKED + b"5;", b"x" * 10_000),
    "headers for ever": says_for_ever(b"HTTP/1.1 200 OK\r\n", b"X-Many: 1\r\n" * 1000),
    "a chunk of no length": says(CHUNKED + b"zz\r\n[]\r\n0\r\n\r\n"),
    "a chunk of negative length": says(CHUNKED + b"-5\r\n[]\r\n0\r\n\r\n"),
    "a chunk of endless length": says_and_hangs_up(CHUNKED + b"f" * 16 + b"\r\n[]\r\n0\r\n\r\n"),
    "a chunk longer than it says": says(CHUNKED + b"1\r\n[]\r\n0\r\n\r\n"),
    "a chunk shorter than it says": says_and_hangs_up(CHUNKED + b"9\r\n[]\r\n0\r\n\r\n"),
    "no last chunk": says_and_hangs_up(CHUNKED + b"2\r\n[]\r\n"),
    "two lengths": says(head("Content-Length: 2", "Content-Length: 5") + b"[]   "),
    "two lengths in one": says(head("Content-Length: 2, 5") + b"[]   "),
    "a length with a sign": says(head("Content-Length: +2") + b"[]"),
    "a length in hexadecimal": says(head("Content-Length: 0x2") + b"[]"),
    "a length of 30 digits": says_and_hangs_up(head("Content-Length: " + "9" * 30) + b"[]"),
    "a length of 5,000 digits": says_and_hangs_up(head("Content-Length: " + "9" * 5000) + b"[]"),
    "a length and nothing more": says_and_hangs_up(head("Content-Length: 5")),
    "a length that is too short": says(head("Content-Length: 2") + b'[]{"and": "more"}'),
    "another transfer encoding": says(head("Transfer-Encoding: gzip, chunked") + b"2\r\n[]\r\n0\r\n\r\n"),
    "a second answer behind the first": says(answer(b"[]") + EVIL),
    "a second answer behind the last chunk": says(CHUNKED + b"2\r\n[]\r\n0\r\n\r\n" + EVIL),
    "a second answer behind an empty one": says(answer(b"") + EVIL),
    "a body without a head": says_and_hangs_up(b"[]"),
    "the first bytes of HTTP/2": says_and_hangs_up(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)),
    "a TLS alert": says_and_hangs_up(b"\x15\x03\x01\x00\x02\x02\x28"),
    "no status": says(head("Content-Length: 2", status="HTTP/1.1 OK") + b"[]"),
    "a status of one digit": says(head("Content-Length: 2", status="HTTP/1.1 2 OK") + b"[]"),
    "a header without a name": says(head(": x", "Content-Length: 2") + b"[]"),
    "a header without a colon": says(head("nonsense", "Content-Length: 2") + b"[]"),
    "an escape in a header's name": says(head("X\x1b[2J: 1", "Content-Length: 2") + b"[]"),
    "NUL in a header": says(head("cf-ray: a\0b", "Content-Length: 2") + b"[]"),
    "switching protocols": says_and_hangs_up(
        head("Upgrade: websocket", "Connection: upgrade", status="HTTP/1.1 101 Switching Protocols")
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_invalid_http_is_a_transport_error(name):
    error = await meet(BROKEN[name])
    assert isinstance(error, TransportError | StatusError), error
    assert not isinstance(error, DeadlineError), error


UNREADABLE = {
    "gzip twice": says(answer(gzip.compress(gzip.compress(b"[]")), Content_Encoding="gzip, gzip")),
    "gzip twice, in two headers": says(
        head("Content-Encoding: gzip", "Content-Encoding: gzip", "Content-Length: 2") + b"[]"
    ),
    "gzip that is deflate": says(answer(zlib.compress(b"[]"), Content_Encoding="gzip")),
    "deflate that is gzip": says(answer(gzip.compress(b"[]"), Content_Encoding="deflate")),
    "brotli": says(answer(b"\x0b\x02\x80[]\x03", Content_Encoding="br")),
    "a name of control bytes": says(answer(b"[]", Content_Encoding="\x1b]0;x")),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_an_unrequested_content_encoding_is_unreadable(name):
    error = await meet(UNREADABLE[name])
    assert isinstance(error, UnreadableError | TransportError), error


ODD_BUT_FINE = {
    "a line break more": says(answer(b"[]") + b"\r\n"),
    "one length twice": says(head("Content-Length: 2", "Content-Length: 2") + b"[]"),
    "length and chunks: the chunks count": says(
        head("Content-Length: 99", "Transfer-Encoding: chunked") + b"2\r\n[]\r\n0\r\n\r\n"
    ),
    "chunks with names and trailers": says(CHUNKED + b"1;a=b\r\n[\r\n1\r\n]\r\n0\r\nX: \x9b31m\r\n\r\n"),
    "two thousand headers": says(
        head(*(f"X-{number}: 1" for number in range(2000)), "Content-Length: 2") + b"[]"
    ),
    "a header of 50 KB": says(head("X: " + "x" * 50_000, "Content-Length: 2") + b"[]"),
    "bytes beyond ASCII": says(head("cf-ray: \x9b31m\xff", "Date: \xe9", "Content-Length: 2") + b"[]"),
    "a type that is none": says(answer(b"[]", Content_Type="image/png; \xff")),
    "a version that is none": says(head("Content-Length: 2", status="HTTP/9.9 200 OK") + b"[]"),
    "no reason": says(head("Content-Length: 2", status="HTTP/1.1 200") + b"[]"),
    "1xx before it": says(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n" + answer(b"[]")
    ),
    "up to the close": says_and_hangs_up(head("Connection: close") + b"[]"),
    "a cookie": says(answer(b"[]", Set_Cookie="session=1; Domain=127.0.0.1")),
    "a later date than there is": says(answer(b"[]", Date="Fri, 31 Dec 9999 23:59:60 GMT")),
}


@pytest.mark.parametrize("name", ODD_BUT_FINE)
async def test_unusual_but_valid_http_is_read(name):
    assert await meet(ODD_BUT_FINE[name]) == b"[]"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308, 399])
async def test_no_redirect_is_followed(status):
    async with RawServer(
        says(head("Location: /v1/threads", "Content-Length: 0", status=f"HTTP/1.1 {status} X"))
    ) as server:
        async with Client(Settings(base_url=server.url), SecretStr(KEY)) as client:
            with pytest.raises(RedirectError):
                await client.threads()
        assert len(server.requests) == 1


async def test_bytes_after_an_error_do_not_answer_the_next_request():
    error = await meet(says(answer(b'{"detail": "no"}', status="404 Not Found") + EVIL))
    assert isinstance(error, NotFoundError)


async def test_an_answer_sent_before_its_request_is_not_used():
    """The server sends a second answer before the second request, which must not use it."""

    async def serve(reader, writer):
        writer.write(answer(b'["early"]') + EVIL)
        await writer.drain()
        while await reader.read(65536):
            pass
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Client(Settings(base_url=url, request_timeout=1.0), SecretStr(KEY)) as client:
            for _ in range(3):
                with pytest.raises(TransportError):
                    await client.threads()


# -- as a user sees them


@pytest.fixture
def world():
    return World(fine=3)


def test_ipv6_loopback_and_a_path_in_the_base_url(flowtui, world):
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with in_background(world, host="::1") as server:
        said = flowtui("runs", SEEKR_BASE_URL=f"{server.url}/gateway/v1/")
        assert (said.code, len(said.runs)) == (0, 3)
        assert {target.partition("?")[0] for target in server.targets} == {
            "/gateway/v1/threads",
            "/gateway/v1/threads/fine/runs",
            "/gateway/v2/flow/agents/",
        }
        world.all = says(answer(b"", status="503 Oh"))
        assert "/v1/threads: 503" in flowtui("runs", SEEKR_BASE_URL=server.url).err


@pytest.mark.parametrize(
    "url",
    [
        "https://bücher.example",
        "https://例え.jp",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 200}example",
        "https://a..b",
        "https://-",
        "https://*.example",
        "https://xn--a",
        "https://1.2.3.4.5",
        "https://[::1]x",
        "https://[::1",
        "https://[v9.x]",
        "https://h.example:99999",
        "https://h.example:x",
        "https://ex\u202eample.com",
        "https://exa\u00admple.com",
        "https://h.example/\u2028",
        "https://h.example\tx",
        "https:/h.example",
        "https:h.example",
        "https://h.example/../..",
        "HTTPS://H.EXAMPLE",
    ],
)
def test_an_invalid_host_is_a_usage_error_or_an_unknown_host(url, flowtui, monkeypatch):
    def unknown(*_words, **_named):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    said = flowtui("runs", "thr_1", SEEKR_BASE_URL=url)
    assert said.code in {2, 3}
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("flowtui: ")
    assert said.err.strip().isprintable()
    assert "\u202e" not in said.err
    assert ("there is no host" in said.err or "the request could not be made" in said.err) == (said.code == 3)


def test_proxies_from_the_environment_are_not_used(flowtui, simulator, monkeypatch):
    with in_background(GOOD) as proxy:
        names = [name for word in ("http_proxy", "https_proxy", "all_proxy") for name in (word, word.upper())]
        for name in names:
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert flowtui("threads", **dict.fromkeys(names, proxy.url)).code == 0
        assert proxy.connections == 0
        flowtui("threads", "--proxy", proxy.url)
        assert proxy.connections > 0


def test_plain_http_beyond_loopback_works_with_allow_http(flowtui, world, monkeypatch):
    looked_up = socket.getaddrinfo
    with in_background(world) as server:
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda _host, *words, **named: looked_up("127.0.0.1", *words, **named)
        )
        url = f"http://flow.example:{server.port}"
        assert flowtui("runs", SEEKR_BASE_URL=url).code == 2
        assert server.connections == 0
        said = flowtui("runs", "--allow-http", SEEKR_BASE_URL=url)
        assert (said.code, len(said.runs)) == (0, 3)
        assert (
            "everybody on the way sees the key" in flowtui("doctor", "--allow-http", SEEKR_BASE_URL=url).out
        )


# -- certificates

PEM = Path(__file__).with_name("loopback.pem")
"""A self-signed certificate for 127.0.0.1 with its key, for these tests only."""


def test_an_unknown_certificate_needs_a_ca_bundle_and_a_matching_name(flowtui, world, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    empty = tmp_path / "empty.pem"
    empty.write_text("-----BEGIN CERTIFICATE-----\nnothing\n")
    with in_background(world, ssl=context) as server:
        said = flowtui("runs", SEEKR_BASE_URL=server.url)
        assert (said.code, said.out) == (3, "")
        for word in ("no secure connection to 127.0.0.1", "self-signed certificate", "--ca-bundle"):
            assert word in said.err
        assert not server.requests, "not a byte of a request goes to a stranger"
        for bundle, why in ((empty, "holds no certificates"), (tmp_path / "missing.pem", "cannot be read")):
            said = flowtui("runs", "--ca-bundle", str(bundle), SEEKR_BASE_URL=server.url)
            assert (said.code, said.out) == (2, "")
            assert f"ca_bundle {bundle} {why}" in said.err
        said = flowtui("runs", "--ca-bundle", str(PEM), SEEKR_BASE_URL=server.url)
        assert (said.code, len(said.runs)) == (0, 3)
        asked = len(server.requests)
        other = server.url.replace("127.0.0.1", "localhost")
        said = flowtui("runs", "--ca-bundle", str(PEM), SEEKR_BASE_URL=other)
        assert said.code == 3
        assert "no secure connection to localhost" in said.err
        assert len(server.requests) == asked


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\x16\x03\x03\xff\xff" + bytes(200),
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
    ids=["close", "alert", "half a record", "plain HTTP"],
)
def test_garbage_instead_of_tls_is_named(garbage, flowtui):
    """The server sends bytes on connect and disconnects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(garbage)

        threading.Thread(target=serve, daemon=True).start()
        said = flowtui("runs", "thr_1", SEEKR_BASE_URL=f"https://127.0.0.1:{listener.getsockname()[1]}")
        listener.shutdown(socket.SHUT_RDWR)
    assert (said.code, said.out) == (3, "")
    assert "127.0.0.1" in said.err
    assert said.err.strip().isprintable()
