"""Screens with answers over a history of 1,000,000 runs: key to screen, an update, and keys while an answer is computed.

    python -m benchmarks.answers [--json] [--runs 1000000] [--times 20] [--folder F] [--only NAME]

The application runs in this process on a real file; a screen counts as drawn once its widgets have painted the answer. Wall
time, except an update: CPU of the event loop and of the threads. `--folder`: keep the history there, and use it again. Each
figure stands beside its limit; keys stand beside keys at rest. Exits with 1 if a figure is above its limit, except with
`--json`.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from textual import events

from benchmarks.answer_world import AnswerWorld, application
from benchmarks.pairs import Pair, text_of
from benchmarks.whole_screen import alone

CHANGES = 6  # runs that change with an update
UPDATE = 5.0  # ms CPU
TWICE = 2.0  # a key while an answer is computed, compared with one at rest


class AnswerScreen(NamedTuple):
    """A screen to measure. `keys`: what opens it on the dashboard; `drawn`: whether its answer is there; `again`: computes it anew."""

    name: str
    what: str
    keys: str
    limit: float
    """Milliseconds from the last key to the screen, for 19 of 20 times."""
    drawn: Callable[[Any], bool]
    again: Callable[[Any], None]


def _failures_drawn(screen: Any) -> bool:
    return screen.name == "failures" and screen.found is not None and screen.length == 86_400.0


def _agent_drawn(screen: Any) -> bool:
    return screen.name == "agent" and screen.page is not None


def _spend_drawn(screen: Any) -> bool:
    return screen.name == "spend" and screen.found is not None


def _brief_drawn(screen: Any) -> bool:
    return screen.name == "brief" and screen.found is not None


SCREENS = (
    AnswerScreen(
        "failures", "failures of 24 h", "f", 150.0, _failures_drawn, lambda screen: screen.ask(again=True)
    ),
    AnswerScreen("agent", "an agent of 24 h", "A", 150.0, _agent_drawn, lambda screen: screen.ask_again()),
    AnswerScreen("spend", "spend of 24 h", "$", 300.0, _spend_drawn, lambda screen: screen.renew()),
    AnswerScreen("brief", "the brief of 24 h", "b", 300.0, _brief_drawn, lambda screen: screen.ask_again()),
)


def late(times: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(times)[-(-len(times) * 19 // 20) - 1]


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true; it is looked at each millisecond."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.001)  # to spin would take the reading thread its turns


async def painted(app: Any) -> None:
    done = asyncio.Event()
    app.screen.call_after_refresh(done.set)
    await asyncio.wait_for(done.wait(), 60.0)


async def opening(app: Any, one: AnswerScreen) -> float:
    """Return the milliseconds from a key to the drawn screen, and close it."""
    *first, last = one.keys
    for key in first:
        app.post_message(events.Key(key, key))
        await painted(app)
    before = time.perf_counter()
    app.post_message(events.Key({"$": "dollar_sign"}.get(last, last), last))
    await until(lambda: one.drawn(app.screen))
    await painted(app)
    return 1000 * (time.perf_counter() - before)


async def updating(app: Any, world: AnswerWorld) -> tuple[float, float]:
    """Return the milliseconds of CPU that an update takes the answers and the open screen, and then a paint of nothing.

    Until it is painted, timers take CPU as well; the second number says how much.
    """
    update = world.update(CHANGES)
    app.session.reason_fetcher.known = world.known
    gc.collect()
    before = time.process_time()
    app.data.answers.update(update)
    app.screen.update(update)
    await painted(app)
    after = time.process_time()
    await painted(app)
    return 1000 * (after - before), 1000 * (time.process_time() - after)


async def pressing(app: Any) -> float:
    """Return the milliseconds until a key is handled and painted."""
    before = time.perf_counter()
    app.post_message(events.Key("down" if int(before * 1000) % 2 else "up", None))
    await painted(app)
    return 1000 * (time.perf_counter() - before)


async def measure_screen(
    app: Any, pilot: Any, world: AnswerWorld, one: AnswerScreen, times: int
) -> list[Pair]:
    opened = []
    for number in range(times + 1):
        if number:
            app.post_message(events.Key("escape", None))
            await until(lambda: app.screen is app.dashboard)
            await pilot.pause()
        opened.append(await opening(app, one))
    await until(lambda: app.screen.answered)
    await pilot.pause()
    spent = [await updating(app, world) for _ in range(times + 1)][1:]
    update, nothing = (median(side) for side in zip(*spent, strict=True))
    rest = [await pressing(app) for _ in range(5 * times)]
    busy = []
    while len(busy) < 5 * times:
        one.again(app.screen)
        for _ in range(5):
            await asyncio.sleep(0.004)
            busy.append(await pressing(app))
        await until(lambda: app.screen.answered)
    app.post_message(events.Key("escape", None))
    await until(lambda: app.screen is app.dashboard)
    return [
        Pair(f"{one.what}: key to screen, 19 of 20", "allowed", "ms", late(opened[1:]), one.limit, 1.0),
        Pair(f"{one.what}: an update", "allowed", "ms CPU", max(0.0, update - nothing), UPDATE, 1.0),
        Pair(f"{one.what}: keys meanwhile, 19 of 20", "at rest", "ms", late(busy), late(rest), TWICE),
    ]


async def measure(folder: Path, runs: int, times: int, only: str) -> list[Pair]:
    world = AnswerWorld(folder, runs)
    found = []
    async with application(world) as (app, pilot):
        app._arguments["brief"] = "24h"  # its range  # noqa: SLF001  as if it was asked for before
        for one in SCREENS:
            if not only or one.name == only:
                found += await measure_screen(
                    app, pilot, world, one._replace(what=f"{one.what}, {runs:,} stored runs"), times
                )
    world.history.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20, help="how often each screen is opened (default 20)")
    parser.add_argument("--folder", type=Path, help="keep the history here")
    parser.add_argument("--only", default="", help="one of the screens")
    parser.add_argument("--rounds", type=int, default=0, help="ignored, for `all`")
    parser.add_argument("--json", action="store_true", help="for `all`")
    asked = parser.parse_args()
    with alone(), tempfile.TemporaryDirectory() as fresh:
        found = asyncio.run(measure(asked.folder or Path(fresh), asked.runs, asked.times, asked.only))
    if asked.json:
        print(json.dumps([asdict(one) for one in found]))
    else:
        print("\n".join(map(text_of, found)))
    return 0 if asked.json or all(one.kept for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
