"""A webhook on port 0 that keeps what it gets."""

from __future__ import annotations

import asyncio
import json

from .faults.raw_server import answer

SECRET = "T0P-SECRET"
PATH = f"/hooks/{SECRET}?sig=a%20b"


class Receiver:
    """A webhook on port 0. It answers each request by the next of `answers`, and after the last one with 200.

    `requests`: the head and the body of each.
    """

    def __init__(self, *answers):
        self.answers, self.requests = list(answers), []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}{PATH}"
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def _serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    line for line in head.lower().split("\r\n") if line.startswith("content-length:")
                )
                body = await reader.readexactly(int(length.partition(":")[2]))
                self.requests.append((head, body.decode()))
                found = self.answers.pop(0) if self.answers else answer(b"ok")
                if callable(found):
                    await found(writer)
                else:
                    writer.write(found)
                    await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    @property
    def bodies(self):
        return [json.loads(body) for _, body in self.requests]
