"""Reads response bodies piece by piece and decompresses them up to a limit, so that no server can fill the memory.

zlib is asked for at most 64 KiB of output at a time, because 64 KiB of gzip may expand to 64 MiB. No I/O here.
"""

from __future__ import annotations

import zlib
from hashlib import blake2b
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from flowtui.errors import ApiError, TooLargeError, TransportError, UnreadableError
from flowtui.text import safe_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable
    from zlib import _Decompress as _Inflater

LARGE: Final = 1 << 20
"""A body of more bytes than this is large. Only one large body is read at a time."""

_PIECE = 65536
# compressed bytes between two checks of the size; gzip makes at most about a thousand bytes of one
_SIP = 4096
_GZIP_WINDOW = 31
_ZLIB_WINDOW = 15
_RAW_WINDOW = -15  # "deflate" means a zlib stream, but some servers send it without its header of two bytes
_HINT = "Try again; if it stays, check what stands between here and the server"
_GZIP_MAGIC = b"\x1f\x8b"
# the attributes that lead from a response's stream to its HTTP parser (h11)
_TO_PARSER = ("_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state")


class BodyReader:
    """One response body: call `feed` with each raw chunk, then `finish`.

    `encoding`: the value of `Content-Encoding`: gzip, deflate, identity or empty.
    `limit`: the maximum size in bytes after decompression.
    `where`: method and path; each error message begins with it.
    `packed`: whether the body is compressed.
    `received`: how many bytes have arrived.
    `size`: how many bytes there are after decompression.

    Raises:
        UnreadableError: `encoding` is unknown (raised by the constructor), or the compressed data are damaged.
        TooLargeError: the body has more than `limit` bytes.
        TransportError: the compressed data end early, or not as many bytes arrived as `Content-Length` says.
    """

    def __init__(self, encoding: str, limit: int, *, where: str = "", request_id: str = "") -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        names = [name for name in names if name not in {"", "identity"}]
        self._where = where
        self._request_id = request_id
        if len(names) > 1 or not {*names} <= {"gzip", "x-gzip", "deflate"}:
            said = f"the body is packed as {safe_text(encoding[:40])!r}, which was not asked for"
            raise self._error(UnreadableError, said, "Check what stands between here and the server")
        self.received = 0
        self.packed = bool(names)
        self._limit = limit
        self._kept = BytesIO()  # joining a list of pieces would need the memory twice
        self.size = 0
        self._held = b""  # the first bytes of a stream, until they are enough to detect its format
        self._padding = False  # whether the last stream has ended: bytes after it are ignored
        self._gzip = self.packed and names[0] != "deflate"
        self._inflater: _Inflater | None = None

    @property
    def text_so_far(self) -> bytes:
        """The decompressed bytes read until now, at most `limit`. Used for error responses, whose bodies need not be complete."""
        return self._kept.getvalue()

    def feed(self, chunk: bytes) -> None:
        """Add the next bytes as they arrived."""
        self.received += len(chunk)
        if not self.packed:
            self._keep(chunk)
            return
        # an endless body of empty gzip members expands to nothing, so `size` never reaches the limit
        if self.received > self._limit + _PIECE:
            raise self._too_large()
        try:
            for start in range(0, len(chunk), _PIECE):
                self._unpack(chunk[start : start + _PIECE])
        except zlib.error:
            raise self._error(UnreadableError, "the compressed body is damaged") from None

    def finish(self, promised: str = "") -> bytes:
        """Return the complete body and empty the reader. `promised` is the value of `Content-Length`, "" if there is none."""
        if promised.isdecimal() and int(promised) != self.received:
            said = f"{promised} bytes were promised, {self.received} came"
            raise self._error(TransportError, said, "Try again")
        if self.packed and self.received:
            if self._inflater is not None:
                self._keep(self._inflater.flush())
            if self._inflater is None or not self._inflater.eof:
                raise self._error(TransportError, "the compressed body was cut off")
        body = self._kept.getvalue()
        self._kept = BytesIO()
        return body

    def _unpack(self, data: bytes) -> None:
        while data and not self._padding:
            if self._inflater is None or self._inflater.eof:
                data, self._held = self._held + data, b""
                if len(data) < len(_GZIP_MAGIC):
                    self._held = data
                    return
                self._inflater = self._next_stream(data)
                if self._padding:
                    return
            out = self._inflater.decompress(data, _PIECE)
            self._keep(out)
            while len(out) == _PIECE and not self._inflater.eof and not self._inflater.unconsumed_tail:
                out = self._inflater.decompress(b"", _PIECE)
                self._keep(out)
            data = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail

    def _next_stream(self, data: bytes) -> _Inflater:
        """Return the decompressor for the stream that begins with `data`.

        If no further stream begins there, note that only padding follows, and return the last decompressor.
        """
        if self._inflater is not None and not (self._gzip and data.startswith(_GZIP_MAGIC)):
            self._padding = True
            return self._inflater
        if self._gzip:
            return zlib.decompressobj(_GZIP_WINDOW)
        zlib_header = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
        return zlib.decompressobj(_ZLIB_WINDOW if zlib_header else _RAW_WINDOW)

    def _keep(self, data: bytes) -> None:
        if not data:
            return
        if self.size + len(data) > self._limit:
            self._kept.write(data[: self._limit - self.size])
            self.size = self._limit
            raise self._too_large()
        self.size += len(data)
        self._kept.write(data)

    def _too_large(self) -> ApiError:
        said = f"the body is larger than {self._limit / 2**20:g} MiB"
        return self._error(TooLargeError, said, "Ask for fewer runs a page, or raise max_body_mb")

    def _error(self, kind: type[ApiError], said: str, hint: str = _HINT) -> ApiError:
        return kind(f"{self._where}: {said}", hint=hint, request_id=self._request_id)


async def read_all(
    reader: BodyReader, chunks: AsyncIterable[bytes], large: Callable[[], Awaitable[object]]
) -> None:
    """Read all chunks into `reader`. Once the body exceeds 1 MiB, await `large` before reading on.

    `large` takes a lock that one body holds at a time, so that of many answers only one at a time grows beyond 1 MiB.
    The wait counts against the deadline of the request.
    """
    waits = True
    async for chunk in chunks:
        # a small piece of a compressed chunk expands to a few megabytes at most
        step = _SIP if waits and reader.packed else max(1, len(chunk))
        for start in range(0, len(chunk), step):
            reader.feed(chunk[start : start + step])
            if waits and reader.size > LARGE:
                await large()
                waits = False


def body_key(body: bytes) -> bytes:
    """Return a value by which bodies are compared: the body, or its digest if the body is longer than 64 KiB."""
    return body if len(body) <= _PIECE else digest(body)


def digest(body: bytes) -> bytes:
    """Return a 64-byte hash of the body."""
    return blake2b(body).digest()


async def surplus(response: Any) -> bytes:
    """Return the bytes that arrived after the end of a response of httpx; if there are any, close the connection.

    Otherwise they would be read as the response to the next request. httpx has no public attribute for these bytes. Bytes
    that arrive later do no harm: httpx checks for them before it reuses a connection.
    """
    link: Any = response.stream
    for name in _TO_PARSER:
        link = getattr(link, name, None)
    found: bytes = b"" if link is None else link.trailing_data[0]
    if found:
        await response.extensions["network_stream"].aclose()
    return found
