"""A server of prepared answers, in its own process: fifty threads with twenty runs each, six of them running.

Each answer is sent twice, so that half of the answers are unchanged. It uses as little CPU as possible, since it shares
the machine with the benchmark. The first line on stdout is its address.
"""

from __future__ import annotations

import asyncio
import json
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit

THREADS = 50
RUNS = 20
ACTIVE = 6
VERSIONS = 12  # different bodies of each thread, repeated
_TEXT = "You answer questions of customers. " * 24


def _run(thread: int, number: int, version: int) -> dict[str, Any]:
    active = number < ACTIVE
    tokens = 1000 + 37 * version if active else 5000 + number
    return {
        "id": f"run_{thread:02}_{number:02}",
        "object": "thread.run",
        "created_at": f"2026-11-24T20:00:{59 - number:02}Z",
        "agent_id": f"agent_{thread % 7}",
        "thread_id": f"thr_{thread}",
        "status": "running" if active else "completed",
        "is_active": active,
        "started_at": f"2026-11-24T20:01:{59 - number:02}Z",
        "completed_at": None if active else f"2026-11-24T20:03:{59 - number:02}Z",
        "expires_at": None,
        "cancelled_at": None,
        "failed_at": None,
        "model": "meta-llama/Llama-3.3-70B-Instruct",
        "instructions": _TEXT,
        "tools": [
            {"type": "file_search", "name": f"tool_{place}", "config": {"top_k": 5}} for place in range(3)
        ],
        "meta_data": {"customer": "acme", "stage": "production"},
        "usage": {"prompt_tokens": tokens, "completion_tokens": 9, "total_tokens": tokens + 9},
        "temperature": 1.0,
        "top_p": 1.0,
        "max_completion_tokens": None,
        "truncation_strategy": {"type": "auto"},
        "response_format": "auto",
        "tool_choice": "auto",
        "parallel_tool_calls": True,
    }


def _bodies() -> list[list[bytes]]:
    """Return the `VERSIONS` bodies of each thread."""
    return [
        [json.dumps([_run(thread, n, version) for n in range(RUNS)]).encode() for version in range(VERSIONS)]
        for thread in range(THREADS)
    ]


class _Connection(asyncio.Protocol):
    bodies: list[list[bytes]]
    polls: list[int]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        # Each call has one whole request: on loopback, from clients that send no bodies.
        body = self._answer(data.split(b" ", 2)[1].decode())
        date = formatdate(usegmt=True).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: %b\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(head % (date, len(body)) + body)

    def _answer(self, target: str) -> bytes:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        if query.get("offset", ["0"]) != ["0"]:
            return b"[]"
        if parts.path.endswith("/runs"):
            thread = int(parts.path.split("/")[3].removeprefix("thr_"))
            self.polls[thread] += 1
            return self.bodies[thread][self.polls[thread] // 2 % VERSIONS]
        if parts.path == "/v1/threads":
            return json.dumps(
                [
                    {"id": f"thr_{n}", "status": "locked", "active_run_id": f"run_{n:02}_00"}
                    for n in range(THREADS)
                ]
            ).encode()
        return b'{"data": []}'


async def serve() -> None:
    _Connection.bodies, _Connection.polls = _bodies(), [0] * THREADS
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
