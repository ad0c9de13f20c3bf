"""CPU time of a poll with flowtui's client, against bare httpx, a slim transport, httpcore alone, and aiohttp.

    python -m benchmarks.transports [--rounds 7]

Over 1, 5 and 20 connections that are always busy, on plain http, from a server of prepared answers of 20 runs in another
process. The other sides drop the bodies. flowtui's client has its usual pool, of that many connections.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import httpcore
import httpx
from pydantic import SecretStr

from benchmarks.pairs import Pair, pair, run_benchmark
from benchmarks.runs_server import THREADS
from benchmarks.slim_transport import Lanes, SlimTransport
from flowtui.config.settings import Settings
from flowtui.source.http.client import Client

ROOT = Path(__file__).resolve().parents[1]
CONNECTIONS = (1, 5, 20)
POLLS = 300  # of each side in a turn
PAGE = "limit=20&order=desc&offset=0"
SENT = {"Authorization": "any", "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}

Poll = Callable[[str], Awaitable[bytes]]
"""Requests the runs of a thread (raw id) and returns the body."""


def pooled(connections: int) -> httpx.AsyncHTTPTransport:
    """Return httpx's own transport with the settings of flowtui's client."""
    return httpx.AsyncHTTPTransport(limits=_limits(connections), trust_env=False)


def _limits(connections: int) -> httpx.Limits:
    return httpx.Limits(
        max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=4.0
    )


async def flowtui(stack: AsyncExitStack, base: str, transport: httpx.AsyncBaseTransport) -> Poll:
    settings = Settings(base_url=base)
    client = await stack.enter_async_context(Client(settings, SecretStr("any"), transport=transport))

    async def poll(thread: str) -> bytes:
        return (await client.runs(thread)).body

    return poll


async def bare(stack: AsyncExitStack, base: str, transport: httpx.AsyncBaseTransport) -> Poll:
    client = await stack.enter_async_context(
        httpx.AsyncClient(transport=transport, headers=SENT, trust_env=False, timeout=None)
    )

    async def poll(thread: str) -> bytes:
        return (await client.get(f"{base}/v1/threads/{thread}/runs?{PAGE}")).content

    return poll


async def core(stack: AsyncExitStack, base: str, connections: int) -> Poll:
    pool = await stack.enter_async_context(
        httpcore.AsyncConnectionPool(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=4.0
        )
    )

    async def poll(thread: str) -> bytes:
        return (await pool.request("GET", f"{base}/v1/threads/{thread}/runs?{PAGE}", headers=SENT)).content

    return poll


async def aio(stack: AsyncExitStack, base: str, connections: int) -> Poll:
    connector = aiohttp.TCPConnector(limit=connections)
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, headers=SENT))

    async def poll(thread: str) -> bytes:
        async with session.get(f"{base}/v1/threads/{thread}/runs?{PAGE}") as response:
            return await response.read()

    return poll


async def spent(poll: Poll, connections: int, polls: int) -> float:
    """Return the microseconds of CPU that a poll takes, with a poll under way on each connection."""
    waiting = iter([f"thr_{number % THREADS}" for number in range(polls)])

    async def work() -> None:
        for thread in waiting:
            assert await poll(thread)

    before = time.process_time()
    await asyncio.gather(*(work() for _ in range(connections)))
    return 1e6 * (time.process_time() - before) / polls


async def race(base: str, connections: int, rounds: int) -> dict[str, list[float]]:
    """Return what a poll takes on each side in each turn."""
    async with AsyncExitStack() as stack:
        sides = {
            "flowtui": await flowtui(stack, base, pooled(connections)),
            "bare httpx": await bare(stack, base, pooled(connections)),
            "itself on a slim transport": await flowtui(stack, base, SlimTransport(connections)),
            "itself, a pool for each connection": await flowtui(stack, base, Lanes(connections)),
            "bare httpx on a slim transport": await bare(stack, base, SlimTransport(connections)),
            "httpcore alone": await core(stack, base, connections),
            "aiohttp": await aio(stack, base, connections),
        }
        found: dict[str, list[float]] = {name: [] for name in sides}
        for turn in range(rounds + 1):
            for name, poll in sides.items():
                gc.collect()
                took = await spent(poll, connections, POLLS)
                if turn:  # the first one opens the connections
                    found[name].append(took)
        return found


def measure(rounds: int) -> list[Pair]:
    words = [sys.executable, "-m", "benchmarks.runs_server"]
    pairs = []
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            base = server.stdout.readline().strip()
            for connections in CONNECTIONS:
                found = asyncio.run(race(base, connections, rounds))
                ours = found.pop("flowtui")
                what = f"a poll of 20 runs, {connections} connection{'s' if connections > 1 else ''}"
                pairs += [
                    pair(what, name, "µs CPU", list(zip(ours, theirs, strict=True)))
                    for name, theirs in found.items()
                ]
        finally:
            server.terminate()
    return pairs


if __name__ == "__main__":
    run_benchmark(measure, __doc__)
