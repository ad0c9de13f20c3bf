"""Bytes that the table writes to the terminal in one tick with 10 running rows, against painting all of it again.

    python -m benchmarks.bytes_per_tick [--rounds 20]

A tick is one second: ages and durations move and the bars take their two steps. The second line adds news: each of the 10
running rows gets other token counts, which are lit, and what was lit the second before goes out.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from benchmarks.hosts import CONTEXT, SIZE, OurHost, rows, with_tokens
from benchmarks.pairs import Pair, pair, tell
from flowtui.ui.table_window import BEAT

RUNNING = 10


async def _turns(rounds: int, *, news: bool) -> list[tuple[float, float]]:
    host = OurHost()
    turns = []
    async with host.run_test(headless=False, size=SIZE):
        runs = rows(200, running=RUNNING)
        await host.load(runs)
        host.table.focus()
        await host.painted()
        for turn in range(1, rounds + 2):
            start = host.written
            host.time += 1
            if news:
                runs[:RUNNING] = [with_tokens(run, turn) for run in runs[:RUNNING]]
                host.follow({run.key: run for run in runs}.get)
            for _ in range(round(1 / BEAT)):
                host.table._beat()  # noqa: SLF001  by hand, so that nothing waits for its timer
                host.table.tick(replace(CONTEXT, now=host.time))
                await host.painted()
            ticked = host.written
            host.table.restyle()
            await host.painted()
            if turn > 1:  # lights of the first have nothing to go out for
                turns.append((float(ticked - start), float(host.written - ticked)))
    return turns


def measure(rounds: int) -> list[Pair]:
    still = asyncio.run(_turns(rounds, news=False))
    news = asyncio.run(_turns(rounds, news=True))
    return [
        pair("tick with 10 running rows", "the table painted again", "bytes", still, 0.2),
        pair("the same with news of all 10", "the table painted again", "bytes", news, 0.2),
    ]


if __name__ == "__main__":
    tell(measure, __doc__, rounds=20)
