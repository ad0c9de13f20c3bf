"""CPU time per poll of `flowtui watch -o none`, against a bare httpx loop with the same requests that drops the bodies.

python -m benchmarks.watch_polls [--rounds 5]

Fifty threads of twenty runs, half of the answers unchanged. Both sides request each thread and the list of threads every
half second, over at most five connections. The first polls are not counted, so that the start is left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.pairs import Pair, pair, run_benchmark

ROOT = Path(__file__).resolve().parents[1]
UNCOUNTED, COUNTED = 200, 600

OURS = """
import os, signal, sys, time
from flowtui.cli import main
from flowtui.source.http import client
from flowtui.source.poll import poller
from flowtui.source.http.client import Client

client.max_concurrent_polls = poller.max_concurrent_polls = lambda budget: 4  # and one connection more; so large a budget would have seventeen
first, last = int(sys.argv[1]), int(sys.argv[2])
asked, spent = 0, {}

def counted(call):
    async def counting(self, *words, **rest):
        global asked
        asked += 1
        if asked in (first, last):
            spent[asked] = time.process_time()
        if asked == last:
            os.kill(os.getpid(), signal.SIGTERM)
        return await call(self, *words, **rest)
    return counting

Client.runs, Client.threads = counted(Client.runs), counted(Client.threads)
code = main(["watch", "-o", "none", "--interval", "0.5", "--budget", "1000000"])
assert code == 143, code
print(spent[last] - spent[first])
"""

BARE = """
import asyncio, os, sys, time
import httpx

first, last = int(sys.argv[1]), int(sys.argv[2])
base, spent = os.environ["SEEKR_BASE_URL"], {}

async def polls():
    limits = httpx.Limits(max_connections=5, max_keepalive_connections=5)
    headers = {"Authorization": os.environ["SEEKR_API_KEY"]}
    async with httpx.AsyncClient(limits=limits, headers=headers, trust_env=False, verify=False) as client:
        asked = 0
        async def work(waiting):
            nonlocal asked
            for what in waiting:
                asked += 1
                if asked in (first, last):
                    spent[asked] = time.process_time()
                response = await client.get(f"{base}/v1/{what}?limit=20&order=desc&offset=0")
                assert response.content
        while asked < last:
            began = time.monotonic()
            waiting = iter(["threads", *(f"threads/thr_{number}/runs" for number in range(50))])
            await asyncio.gather(*(work(waiting) for _ in range(5)))
            await asyncio.sleep(max(0.0, 0.5 - (time.monotonic() - began)))

asyncio.run(polls())
print(spent[last] - spent[first])
"""


def _spent(script: str, environ: dict[str, str]) -> float:
    """Return the microseconds of CPU that one side spends on a poll."""
    words = [sys.executable, "-c", script, str(UNCOUNTED), str(UNCOUNTED + COUNTED)]
    done = subprocess.run(words, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return 1e6 * float(done.stdout) / COUNTED


def measure(rounds: int) -> list[Pair]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ |= {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": os.devnull, "FLOWTUI_CONFIG": ""}
    words = [sys.executable, "-m", "benchmarks.runs_server"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            environ |= {"SEEKR_API_KEY": "any", "SEEKR_BASE_URL": server.stdout.readline().strip()}
            turns = [(_spent(OURS, environ), _spent(BARE, environ)) for _ in range(rounds)]
        finally:
            server.terminate()
    return [
        pair("`watch -o none`, a poll of 20 runs, half unchanged", "bare httpx loop", "µs CPU", turns, 1.3)
    ]


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=5)
