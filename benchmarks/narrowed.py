"""Updates of the whole dashboard with 100,000 runs in filtered and sorted views, against all runs by age.

    python -m benchmarks.narrowed [--rounds 5]

CPU time of an update with one changed run until it is painted; updates come a second apart; 100 of the runs are active.
The views take turns in one application. The last lines are the same views, with all rows sorted again at each update.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from benchmarks.company_runs import Company
from benchmarks.hosts import NOW, SIZE
from benchmarks.pairs import Pair, pair, run_benchmark
from benchmarks.whole_screen import Unconnected, alone
from flowtui.config.settings import Settings
from flowtui.model.state.snapshot import Update
from flowtui.model.view.ranking import Ranking
from flowtui.model.view.view import View

RUNS = 100_000
ACTIVE = 100  # threads, the first ones
REST = 600.0  # seconds between observations of a thread, so that none is late
LIMIT = 2.5
PLAIN = "all runs by age"
VIEWS = {
    PLAIN: View(),
    "a field, a seventh left": View(text="agent:agent_3"),
    "a field, nearly all left": View(text="not status:failed"),
    "words": View(text="agent_3 meta"),
    "a relative time": View(text="age<1d"),
    "problems only": View(only="problems"),
    "by time": View(sort="time"),
    "by note": View(sort="note"),
    "by age, grouped by agent": View(View().group.next()),
}
ANEW = "ordered anew"


class Turns:
    """One application. `spent`: (view, whether all rows are sorted again) -> milliseconds of each update."""

    def __init__(self) -> None:
        self._company = Company(RUNS)
        states = self._company.states
        states.update((key, replace(state, interval=REST)) for key, state in states.items())
        self._now = NOW
        self._app = Unconnected(Settings(), now=lambda: self._now)
        self.spent: defaultdict[tuple[str, bool], list[float]] = defaultdict(list)

    async def run(self, rounds: int) -> None:
        async with AsyncExitStack() as stack:
            pilot = await stack.enter_async_context(self._app.run_test(size=SIZE))
            await pilot.pause()
            for _ in range(ACTIVE):  # the first runs then are ended ones
                self._company.turn()
            await self._update()
            await pilot.pause()
            gc.collect()
            gc.freeze()
            for name, view in VIEWS.items():
                self._app.dashboard._set_view(view)  # noqa: SLF001  as each key that changes it
                await pilot.pause()
                for anew in (False, True):
                    await self._several(name, rounds, anew=anew)
            gc.unfreeze()

    async def _several(self, name: str, rounds: int, *, anew: bool) -> None:
        patches: dict[str, Any] = {"follow": lambda *_, **__: None} if anew else {}
        with patch.multiple(Ranking, **patches) if patches else patch.dict({}):
            for turn in range(rounds + 1):
                spent = await self._update()
                if turn:  # the first one includes work left by the previous view
                    self.spent[name, anew].append(spent)

    async def _update(self) -> float:
        self._now += 1.0
        update: Update = self._company.turn()
        update = replace(update, snapshot=replace(update.snapshot, at=self._now, interval=REST))
        painted = asyncio.Event()
        before = time.process_time()
        self._app.session.update(update)
        self._app.screen.call_after_refresh(painted.set)
        await asyncio.wait_for(painted.wait(), 60.0)
        return 1000 * (time.process_time() - before)


def measure(rounds: int) -> list[Pair]:
    with alone():
        turns = Turns()
        asyncio.run(turns.run(rounds))
    spent = turns.spent
    pairs = [
        pair(
            f"an update of 100,000 runs, {name}",
            PLAIN,
            "ms CPU",
            list(zip(spent[name, False], spent[PLAIN, False], strict=True)),
            LIMIT,
        )
        for name in VIEWS
        if name != PLAIN
    ]
    return pairs + [
        pair(
            f"an update of 100,000 runs, {name}",
            ANEW,
            "ms CPU",
            list(zip(spent[name, False], spent[name, True], strict=True)),
        )
        for name in VIEWS
    ]


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=5)
