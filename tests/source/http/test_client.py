"""Replies, errors and hints of the client, with a mock transport. For real sockets see `test_client_http.py`."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import logging
import traceback
import tracemalloc
import zlib

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import (
    ApiError,
    AuthError,
    ConfigError,
    DeadlineError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RedirectError,
    RejectedError,
    ServerError,
    StatusError,
    TooLargeError,
    TransportError,
    UnreadableError,
    UsageError,
)
from flowtui.source.http import headers
from flowtui.source.http.bodies import BodyReader
from flowtui.source.http.client import Client
from flowtui.source.http.key_mask import HeaderKey
from flowtui.source.http.status_errors import server_words
from flowtui.text import safe_text

KEY = "sk-very-secret/0123"
DATE = "Tue, 24 Nov 2026 12:00:00 GMT"
NOW = 1795521600.0


def client_of(handler, *, key=KEY, wall=lambda: NOW, **fields):
    settings = Settings(**{"base_url": "https://api.test", "request_timeout": 30.0, **fields})
    return Client(settings, SecretStr(key), transport=httpx.MockTransport(handler), wall=wall)


async def ask(handler, **fields):
    async with client_of(handler, **fields) as client:
        return await client.runs("thr_1")


async def refused(status, body=b"", *, sent=None, **fields):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ApiError) as caught:
        await ask(lambda _: httpx.Response(status, content=content, headers=sent), **fields)
    return caught.value


# --- requests


@pytest.mark.parametrize(
    ("call", "target"),
    [
        (lambda c: c.threads(), "/v1/threads?limit=20&order=desc&offset=0"),
        (lambda c: c.threads(limit=5, order="asc", offset=7), "/v1/threads?limit=5&order=asc&offset=7"),
        (lambda c: c.runs("thr_1"), "/v1/threads/thr_1/runs?limit=20&order=desc&offset=0"),
        (lambda c: c.runs("t", limit=0, offset=9), "/v1/threads/t/runs?limit=0&order=desc&offset=9"),
        (lambda c: c.run("thr_1", "run/2"), "/v1/threads/thr_1/runs/run%2F2"),
        (lambda c: c.agents(), "/v2/flow/agents/"),
    ],
)
@pytest.mark.parametrize("base", ["https://api.test", "https://api.test/gate"])
async def test_each_method_asks_for_its_path(call, target, base):
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(200, content=b"[]")

    async with client_of(answer, base_url=base) as client:
        assert (await call(client)).body == b"[]"
    assert str(asked[0].url) == f"{base}{target}"
    assert asked[0].method == "GET"


@pytest.mark.parametrize(("scheme", "value"), [("key", KEY), ("bearer", f"Bearer {KEY}")])
@pytest.mark.parametrize("pasted", ["", "Bearer ", "bearer "])
async def test_the_key_is_sent_alone_or_after_one_bearer_even_if_pasted_with_it(scheme, value, pasted):
    asked = []
    await ask(
        lambda request: asked.append(request.headers) or httpx.Response(200),
        auth_scheme=scheme,
        key=pasted + KEY,
        team="team_1",
    )
    assert asked[0]["authorization"] == value
    assert asked[0]["x-team-id"] == "team_1"
    assert asked[0]["accept"] == "application/json"
    assert asked[0]["accept-encoding"] == "gzip, deflate"
    assert asked[0]["user-agent"].startswith("flowtui/")


async def test_no_team_header_without_a_team():
    asked = []
    await ask(lambda request: asked.append(request.headers) or httpx.Response(200))
    assert "x-team-id" not in asked[0]


@pytest.mark.parametrize("name", ["", ".", "..", "x" * 1025, "é" * 200])
async def test_ids_that_no_path_can_hold_are_refused_before_a_request(name):
    asked = []
    async with client_of(lambda request: asked.append(request) or httpx.Response(200)) as client:
        for call in (
            client.runs(name),
            client.run(name, "run_1"),
            client.run("t", name),
        ):
            with pytest.raises(UsageError):
                await call
    assert asked == []


async def test_cookies_are_not_kept():
    asked = []

    def answer(request):
        asked.append(request.headers)
        return httpx.Response(200, headers={"set-cookie": f"c{len(asked)}=1; Path=/"})

    async with client_of(answer) as client:
        for _ in range(3):
            await client.threads()
    assert all("cookie" not in sent for sent in asked)


# --- replies


async def test_a_reply_has_the_values_of_the_headers():
    clock = iter([10.0, 10.25])
    transport = httpx.MockTransport(
        lambda _: httpx.Response(
            200,
            content=b"[1]",
            headers={"date": DATE, "cf-ray": "8c1-FRA", "x-ratelimit-remaining": "42"},
        )
    )
    async with Client(
        Settings(), SecretStr(KEY), transport=transport, monotonic=lambda: next(clock)
    ) as client:
        reply = await client.threads()
    assert (reply.body, reply.request_id, reply.server_time) == (b"[1]", "8c1-FRA", NOW)
    assert (reply.elapsed, reply.remaining) == (0.25, 42)


async def test_values_of_missing_headers_are_none():
    reply = await ask(lambda _: httpx.Response(204))
    assert (reply.body, reply.request_id, reply.server_time, reply.remaining) == (b"", "", None, None)


async def test_header_values_are_bounded_and_display_safe():
    reply = await ask(
        lambda _: httpx.Response(
            200, headers=[(b"cf-ray", b"\x1b[2J\xc2\x9b" + b"9" * 900), (b"date", b"soon")]
        )
    )
    assert len(reply.request_id) <= 64
    assert safe_text(reply.request_id) == reply.request_id
    assert reply.server_time is None


def test_invalid_and_implausible_dates_are_none():
    for written in (
        "",
        "0",
        "Tue, 99 Nov 2026 12:00:00 GMT",
        "x" * 500,
        "Tue, 24 Nov 99999 12:00:00",
        "\x00",
        "Fri, 31 Dec 9999 23:59:59 GMT",  # a valid date, but implausible for a clock
        "Mon, 01 Jan 1500 00:00:00 GMT",
    ):
        assert headers.server_time({"date": written}) is None
    assert headers.server_time({"date": "Tue, 24 Nov 2026 12:00:00 -0000"}) == NOW
    assert headers.server_time({"date": "Tue, 24 Nov 2026 13:00:00 +0100"}) == NOW


@given(st.text(max_size=40))
def test_headers_with_any_value_are_read_without_an_error(value):
    sent = {"date": value, "retry-after": value, "retry-after-ms": value, "x-ratelimit-remaining": value}
    headers.server_time(sent)
    headers.remaining(sent)
    wait = headers.retry_after(sent, wall=NOW)
    assert wait is None or 0 <= wait <= 300


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "999999999"}, 300.0),
        ({"retry-after": "9999999999"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "Tue, 24 Nov 2026 12:00:30 GMT", "date": DATE}, 30.0),
        ({"retry-after": "Tue, 24 Nov 2026 12:00:30 GMT"}, 40.0),
        ({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Wed, 25 Nov 2026 12:00:00 GMT", "date": DATE}, 300.0),
    ],
)
async def test_retry_after_is_read_from_each_of_its_forms(sent, seconds):
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    error = await refused(429, sent=raw, wall=lambda: NOW - 10)
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == seconds


# --- statuses


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (301, RedirectError, False),
        (304, RedirectError, False),
        (400, RejectedError, False),
        (401, AuthError, False),
        (403, ForbiddenError, False),
        (404, NotFoundError, False),
        (408, ServerError, True),
        (418, RejectedError, False),
        (422, RejectedError, False),
        (429, RateLimitedError, True),
        (500, ServerError, True),
        (502, ServerError, True),
        (599, ServerError, True),
        (600, StatusError, False),
    ],
)
async def test_each_status_has_its_error_class(status, kind, retryable):
    error = await refused(status, {"detail": "so it is"}, sent={"cf-ray": "8c1-FRA"})
    assert type(error) is kind
    assert (error.status, error.retryable, error.request_id) == (status, retryable, "8c1-FRA")
    assert str(error).startswith(f"GET /v1/threads/thr_1/runs: {status}")
    assert str(error).endswith("(request 8c1-FRA)")
    assert error.hint
    assert "limit=" not in str(error)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {
                "detail": [{"loc": ["query", "limit"], "msg": "should be a number", "type": "int"}],
                "message": "no",
            },
            "query.limit: should be a number",
        ),
        ({"detail": [{"msg": "one"}, {"msg": "two"}, {"msg": 3}, {"msg": "four"}]}, "one; two; and 1 more"),
        ({"detail": "no such thread", "message": "other"}, "no such thread"),
        ({"message": "no", "error": "other", "status": 400}, "no"),
        ({"error": "invalid key"}, "invalid key"),
        ({"error": {"message": "nested"}}, "nested"),
        ({"detail": {"error": {"message": "deeper"}}}, "deeper"),
        ({"detail": [], "message": "fallen through"}, "fallen through"),
        ({"detail": None, "error": ""}, '{"detail": null, "error": ""}'),
        (b"plain words", "plain words"),
        (b'\xef\xbb\xbf{"detail": "behind a BOM"}', "behind a BOM"),
        (b"<!DOCTYPE html><html><head><title>502 Bad\n Gateway</title></head>", "an HTML page, '502 Bad"),
        (b"  <html><body>nothing</body>", "an HTML page"),
        (b'{"detail": "cut o', '{"detail": "cut o'),
        (b"", ""),
        (b"[" * 60000, "[" * 60000),
        (b'"text"', "text"),
        (b"NaN", "NaN"),
    ],
    ids=str,
)
def test_the_message_is_found_in_each_form_of_an_error_body(body, words):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert server_words(content).startswith(words)
    assert words or not server_words(content)


@given(
    st.binary(max_size=300) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps)
)
def test_any_error_body_is_read_without_an_error(body):
    server_words(body if isinstance(body, bytes) else body.encode())


async def test_messages_of_the_server_are_bounded_and_display_safe():
    error = await refused(500, {"detail": "\x1b[2J\u202e\u009b" + "long " * 5000})
    assert safe_text(str(error)) == str(error)
    assert len(str(error)) < 500


async def test_an_unauthorized_answer_names_the_ways_to_give_a_key():
    error = await refused(401, {"detail": "bad key"})
    for name in ("SEEKR_API_KEY", "api_key_command", "api_key_file", "bad key"):
        assert name in str(error)
    assert "auth_scheme" not in str(error)


@pytest.mark.parametrize(
    ("scheme", "said", "challenge", "named"),
    [
        ("key", "Malformed Authorization header", None, True),
        ("key", "Use a Bearer token", None, True),
        ("bearer", "send the bare API key, without Bearer", None, True),
        ("key", "no", "Bearer", True),
        ("key", "no", 'bearer realm="x", Basic', True),
        ("bearer", "no", "Bearer", False),
        ("key", "no", "Basic", False),
        ("key", "Key expired", None, False),
        ("bearer", "Unknown API key", None, False),
    ],
)
async def test_an_unauthorized_answer_names_auth_scheme_only_where_it_may_be_the_trouble(
    scheme, said, challenge, named
):
    sent = {} if challenge is None else {"www-authenticate": challenge}
    error = await refused(401, {"detail": said}, sent=sent, auth_scheme=scheme)
    other = "bearer" if scheme == "key" else "key"
    hint = f"auth_scheme: it is '{scheme}', the server may want '{other}'"
    assert ("auth_scheme" in error.hint, hint in error.hint) == (named, named)


async def test_a_forbidden_answer_names_the_team():
    assert "SEEKR_TEAM_ID" in str(await refused(403))


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://evil.example/steal?token=abc", "evil.example"),
        ("https://user:pw@evil.example/", "evil.example"),
        ("/v1/threads/", "another path on the same host"),
        ("https://[::1", "an invalid address"),
        ("//evil\x1b.example", "evil"),
        ("", "nowhere"),
    ],
)
async def test_a_redirect_error_names_the_target_and_is_not_followed(location, shown):
    asked = []

    def answer(request):
        asked.append(request.url)
        return httpx.Response(302, headers=[(b"location", location.encode())] if location else [])

    with pytest.raises(RedirectError) as caught:
        await ask(answer)
    assert len(asked) == 1
    text = str(caught.value)
    assert f"a redirect to {shown}" in text
    assert "not followed" in text
    for secret in ("token", "pw", "\x1b"):
        assert secret not in text


async def test_only_the_first_64_kib_of_an_errors_body_are_read():
    taken = []

    async def body():
        for _ in range(1000):
            taken.append(1)
            yield b"x" * 8192

    with pytest.raises(ServerError):
        await ask(lambda _: httpx.Response(500, content=body()))
    assert len(taken) <= 10


async def test_a_broken_error_body_does_not_hide_the_status():
    async def body():
        yield b"bad key"
        raise httpx.ReadError("gone")

    with pytest.raises(AuthError, match="the server says: bad key"):
        await ask(lambda _: httpx.Response(401, content=body()))
    for encoding in ("gzip", "br"):
        packed = httpx.Response(401, content=_Stream(b"no gzip"), headers={"content-encoding": encoding})
        with pytest.raises(AuthError):
            await ask(lambda _, packed=packed: packed)


@pytest.mark.parametrize("seconds", [20.0, 1000.0], ids=["drips", "stands still beyond every deadline"])
async def test_an_error_body_without_an_end_does_not_hide_the_status(monkeypatch, seconds):
    async def body():
        yield b"bad key"
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "time", lambda now=loop.time: now() + seconds)
        await asyncio.Event().wait()

    with pytest.raises(AuthError, match="bad key"):
        await ask(lambda _: httpx.Response(401, content=body()), request_timeout=30.0)


# --- bodies


def _gzip(data, level=9):
    return gzip.compress(data, level)


def _raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


BODY = json.dumps([{"id": f"run_{i}"} for i in range(5000)]).encode()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", _gzip),
        ("GZIP", _gzip),
        ("x-gzip", _gzip),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("identity, gzip", _gzip),
        ("gzip", lambda data: _gzip(data[:1000]) + _gzip(data[1000:])),
        ("gzip", lambda data: _gzip(data) + b"\0" * 100),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 65536, 10**7])
def test_compressed_bodies_are_read_in_any_pieces(encoding, pack, piece):
    packed = pack(BODY)
    reader = BodyReader(encoding, len(BODY))
    for start in range(0, len(packed), piece):
        reader.feed(packed[start : start + piece])
    assert reader.finish() == BODY


@given(st.binary(max_size=2000), st.sampled_from(["", "gzip", "deflate"]), st.integers(1, 50))
def test_any_compressed_bytes_give_a_body_or_an_api_error(data, encoding, piece):
    reader = BodyReader(encoding, 10_000)
    try:
        for start in range(0, len(data), piece):
            reader.feed(data[start : start + piece])
        assert len(reader.finish()) <= 10_000
    except (UnreadableError, TransportError, TooLargeError):
        pass


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "\x1b[2J"])
async def test_other_encodings_are_unreadable(encoding):
    with pytest.raises(UnreadableError, match="packed as") as caught:
        await ask(
            lambda _: httpx.Response(200, content=_Stream(b"x"), headers={"content-encoding": encoding})
        )
    assert "\x1b" not in str(caught.value)


class _Stream(httpx.AsyncByteStream):
    """A body in raw chunks, as they arrive: httpx neither decompresses it nor adds its length."""

    def __init__(self, *chunks):
        self.chunks = chunks

    async def __aiter__(self):
        for chunk in self.chunks:
            yield chunk


async def test_a_gzip_bomb_is_refused_within_bounded_memory():
    packer = zlib.compressobj(9, wbits=31)
    buffer = io.BytesIO()
    for _ in range(64):
        buffer.write(packer.compress(bytes(2**20)))
    buffer.write(packer.flush())
    bomb = buffer.getvalue()
    assert len(bomb) < 2**18
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError, match=r"larger than 1 MiB.*max_body_mb"):
            await ask(
                lambda _: httpx.Response(200, content=_Stream(bomb), headers={"content-encoding": "gzip"}),
                max_body_mb=1.0,
            )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


async def test_a_large_plain_body_is_refused_while_it_streams():
    taken = []

    async def body():
        for _ in range(10_000):
            taken.append(1)
            yield bytes(65536)

    with pytest.raises(TooLargeError):
        await ask(lambda _: httpx.Response(200, content=body()), max_body_mb=1.0)
    assert len(taken) <= 17


def test_empty_gzip_members_for_ever_are_refused():
    reader = BodyReader("gzip", 10_000)
    with pytest.raises(TooLargeError):
        reader.feed(gzip.compress(b"") * 10_000)


async def test_a_truncated_gzip_body_is_a_transport_error():
    packed = _gzip(BODY)
    for cut in (1, 5, 9, 12, len(packed) // 2, len(packed) - 1):
        stream = _Stream(packed[:cut])
        with pytest.raises(TransportError, match="cut off"):
            await ask(
                lambda _, s=stream: httpx.Response(200, content=s, headers={"content-encoding": "gzip"})
            )


async def test_damaged_gzip_is_unreadable():
    with pytest.raises(UnreadableError, match="damaged"):
        await ask(
            lambda _: httpx.Response(200, content=_Stream(b"no gzip"), headers={"content-encoding": "gzip"})
        )


async def test_fewer_bytes_than_promised_are_a_transport_error():
    with pytest.raises(TransportError, match="9 bytes were promised, 2 came"):
        await ask(lambda _: httpx.Response(200, content=_Stream(b"[]"), headers={"content-length": "9"}))


# --- outages


def _raise(error):
    def handler(_request):
        raise error

    return handler


async def test_a_cancelled_request_raises_cancelled_error():
    started = asyncio.Event()

    async def hang(_request):
        started.set()
        await asyncio.Event().wait()

    async with client_of(hang) as client:
        task = asyncio.create_task(client.threads())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_deadline_covers_the_wait_for_an_answer():
    async def hang(_request):
        await asyncio.Event().wait()

    with pytest.raises(DeadlineError, match=r"within 0\.05 s.*request_timeout"):
        await ask(hang, request_timeout=0.05)


@pytest.mark.parametrize(
    "error",
    [
        httpx.LocalProtocolError(f"Illegal header value b'{KEY}'"),
        httpx.RemoteProtocolError(f"illegal status line {KEY}"),
        httpx.ReadError(KEY),
        httpx.ProxyError(KEY),
        httpx.UnsupportedProtocol(KEY),
        httpx.InvalidURL(KEY),
        httpx.ConnectTimeout(KEY),
        ValueError(KEY),
        RuntimeError(KEY),
        OSError(5, "Input/output error"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_no_httpx_error_leaks_its_text_or_frames(error):
    with pytest.raises(TransportError) as caught:
        await ask(_raise(error))
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


# --- the key


async def test_the_key_is_in_no_repr():
    async with client_of(lambda _: httpx.Response(200)) as client:
        assert KEY not in repr(client)
        assert KEY not in repr(vars(client))
    header = HeaderKey(SecretStr(KEY), "key")
    assert KEY not in repr(header)


@pytest.mark.parametrize("key", ["sk-1\n", "sk-1\r\nX: y", "sk\x00", "schlüssel", "", "  ", "Bearer "])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(key):
    with pytest.raises(ConfigError) as caught:
        client_of(lambda _: httpx.Response(200), key=key)
    shown = "".join(
        traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    ).replace(f"key = {key!r}", "")  # this test's own frame
    assert len(key.strip()) < 3 or key.strip()[:4] not in str(caught.value)
    assert "clean_key" not in shown


def test_a_team_that_no_header_can_carry_is_refused():
    with pytest.raises(ConfigError, match="SEEKR_TEAM_ID"):
        client_of(lambda _: httpx.Response(200), team="a\nb")


@pytest.mark.parametrize(
    "body",
    [
        {"detail": f"invalid key {KEY}!"},
        {"detail": [{"loc": ["header", KEY], "msg": f"got {KEY}"}]},
        f"<html><title>{KEY}</title>".encode(),
        KEY.encode(),
        (KEY.replace("/", "%2F") + " was sent").encode(),
        ("x" * 195 + KEY).encode(),
    ],
    ids=str,
)
async def test_a_key_that_the_server_echoes_is_masked(body):
    error = await refused(401, body, sent={"cf-ray": KEY})
    assert "sk-v" not in str(error)
    assert "***" in error.request_id


async def test_a_key_echoed_in_a_good_body_is_masked():
    reply = await ask(lambda _: httpx.Response(200, content=f'[{{"id": "{KEY}"}}]'.encode()))
    assert reply.body == b'[{"id": "***"}]'


async def test_the_key_is_in_no_log(caplog):
    with caplog.at_level(logging.DEBUG):
        await ask(lambda _: httpx.Response(200))
        await refused(401)
    assert KEY not in caplog.text


async def test_the_frames_of_an_error_hold_no_key():
    error = await refused(401, {"detail": KEY})
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    lines = [line for line in shown.format() if "test_client" not in line]
    assert KEY not in "".join(lines)


# --- certificates and proxies


def test_a_ca_bundle_that_cannot_be_read_names_the_setting(tmp_path):
    for path in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        if path.name == "empty.pem":
            path.write_text("no certificate")
        with pytest.raises(ConfigError, match="ca_bundle"):
            Client(Settings(base_url="https://api.test", ca_bundle=str(path)), SecretStr(KEY))


def test_an_invalid_proxy_is_refused_without_its_password():
    with pytest.raises(ConfigError, match="proxy") as caught:
        Client(Settings(base_url="https://api.test", proxy="gopher://me:pw@proxy"), SecretStr(KEY))
    assert "pw" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_plain_http_loads_no_certificates(monkeypatch):
    monkeypatch.setattr("ssl.create_default_context", lambda *_, **__: pytest.fail("costs 20 ms"))
    Client(Settings(base_url="http://127.0.0.1:1"), SecretStr(KEY))
