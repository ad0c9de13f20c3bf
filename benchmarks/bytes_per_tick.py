"""Bytes that the table writes to the terminal in one tick with 10 running rows, against painting the whole table.

    python -m benchmarks.bytes_per_tick [--rounds 20]

A tick is one second: ages and durations change, and the bars take two steps. The second line adds changes: each of the 10
running rows gets other token counts, which are highlighted, and the highlights of the second before are removed. The third
line is a tick under a dialog such as the help, on flowtui's screen and on Textual's.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from textual.app import ComposeResult
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from benchmarks.hosts import CONTEXT, SIZE, OurHost, rows, with_tokens
from benchmarks.pairs import Pair, pair, run_benchmark
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.table.viewport import BEAT
from flowtui.ui.terminal.partial_paint import PartialPaintScreen

RUNNING = 10
_PAINTED = 0.1
"""Seconds until the screen and the dialog over it, which each paint within 1/60 s, have painted."""


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
                host.table._beat()  # noqa: SLF001  called directly, so that nothing waits for its timer
                host.table.tick(replace(CONTEXT, now=host.time))
                await host.painted()
            ticked = host.written
            host.table.restyle()
            await host.painted()
            if turn > 1:  # before the first turn nothing is highlighted
                turns.append((float(ticked - start), float(host.written - ticked)))
    return turns


class _Ours(PartialPaintScreen):
    def compose(self) -> ComposeResult:
        yield RunTable()


class _Stock(Screen[None]):
    def compose(self) -> ComposeResult:
        yield RunTable()


class _Dialog(ModalScreen[None]):
    DEFAULT_CSS = "_Dialog { align: center middle; background: $background 60%; }"

    def compose(self) -> ComposeResult:
        static = Static("a dialog")
        static.styles.width, static.styles.height = 40, 12
        yield static


async def _seconds_under(screen: Screen[None], rounds: int) -> list[float]:
    """Return the bytes of each tick of a table on this screen while a dialog is open over it."""
    host = OurHost()
    seconds = []
    async with host.run_test(headless=False, size=SIZE):
        await host.push_screen(screen)
        table = screen.query_one(RunTable)
        table.show(rows(200, running=RUNNING), CellStyle(CONTEXT, UNICODE))
        await host.push_screen(_Dialog())
        for _ in range(rounds + 1):
            start = host.written
            host.time += 1
            for _ in range(round(1 / BEAT)):
                table._beat()  # noqa: SLF001  called directly, so that nothing waits for its timer
                table.tick(replace(CONTEXT, now=host.time))
                await asyncio.sleep(_PAINTED)
            seconds.append(float(host.written - start))
    return seconds[1:]


async def _under_dialogs(rounds: int) -> list[tuple[float, float]]:
    ours, stock = await _seconds_under(_Ours(), rounds), await _seconds_under(_Stock(), rounds)
    return list(zip(ours, stock, strict=True))


def measure(rounds: int) -> list[Pair]:
    still = asyncio.run(_turns(rounds, news=False))
    news = asyncio.run(_turns(rounds, news=True))
    return [
        pair("tick with 10 running rows", "the table painted again", "bytes", still, 0.2),
        pair("the same with news of all 10", "the table painted again", "bytes", news, 0.2),
        pair("tick under a window", "on Textual's own screen", "bytes", asyncio.run(_under_dialogs(rounds))),
    ]


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=20)
