"""Resident memory while 100 busy threads begin a run a minute each: dashboard and `watch --follow`.

    python -m benchmarks.memory_week [--hours 6 | --days 7] [--json]

Each side runs in a process of its own, in simulated time, against a server that is a function of the time. The other side
never lets a run go; as it grows without an end, it stops after at most a day. With `--days 7` also says whether the
memory is at most 150 MB (dashboard) and 120 MB (watch) and flat over the last five days; exits with 1 if not.
`--trace` shows what has grown most.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC
from pathlib import Path

from benchmarks.busy_threads import BusyThreads
from benchmarks.pairs import Pair, text_of
from benchmarks.simulated_clock import SimulatedClock

THREADS = 100
BUDGET = 140  # requests a minute: each thread is read about once a minute
HISTORY, ENDLESS = 200, 10**9
HOUR = 3600.0
LIMITS = {"dashboard": 150.0, "watch": 120.0}  # MB
FLAT = 5.0  # MB that the memory may grow in the last five days
MOST = 24.0  # hours of the side that keeps every run
_STEP = 60.0  # simulated seconds between two turns of the event loop
_FRAME = 0.5  # real seconds between two frames of the dashboard: drawing would take most of the time
_DRAWN = 600.0  # simulated seconds within which the dashboard draws at least once

Sample = tuple[float, float, int]
"""Elapsed hours, resident MB, runs in memory."""


def resident() -> float:
    """Return the resident memory of this process in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Probe:
    """Lets simulated time pass, and takes samples. `trace`: whether to print what has grown most."""

    def __init__(self, hours: float, *, trace: bool) -> None:
        self.clock = SimulatedClock(grain=1.0)
        self.client = BusyThreads(self.clock, THREADS)
        self._hours, self._trace = hours, trace

    async def run(self, runs: Callable[[], int], breathe: Callable[[], Awaitable[None]]) -> list[Sample]:
        found: list[Sample] = []
        every = max(0.5, self._hours / 28)
        next_at, before, steps = 0.0, None, 0
        while self.clock.elapsed < self._hours * HOUR:
            steps += 1
            await self.clock.run(steps * _STEP)
            await breathe()
            if self.clock.elapsed >= next_at * HOUR:
                next_at += every
                found.append((round(self.clock.elapsed / HOUR, 2), round(resident(), 1), runs()))
                print(
                    *found[-1],
                    self.client.requests,
                    round(time.process_time(), 1),
                    file=sys.stderr,
                    flush=True,
                )
            if self._trace and before is None and self.clock.elapsed >= self._hours * HOUR / 2:
                tracemalloc.start(6)
                before = tracemalloc.take_snapshot()
        if before is not None:
            for line in tracemalloc.take_snapshot().compare_to(before, "traceback")[:12]:
                print(line, *line.traceback.format(), sep="\n", file=sys.stderr)
        return found


async def dashboard(probe: Probe, history: int) -> list[Sample]:
    from flowtui.config.settings import Settings  # noqa: PLC0415  the watch must not import it
    from flowtui.source.poll.poller import Poller  # noqa: PLC0415
    from flowtui.ui.app import connection as ui_connection  # noqa: PLC0415
    from flowtui.ui.app.app import FlowtuiApp  # noqa: PLC0415
    from flowtui.ui.base.connection import Connection  # noqa: PLC0415
    from flowtui.ui.base.host_label import host_label_of  # noqa: PLC0415

    ui_connection.FRAME = _FRAME
    settings = Settings(tz="utc", budget=BUDGET, history=history, base_url="http://127.0.0.1:9")

    async def connect(*_: object) -> Connection:
        poller = Poller(
            probe.client, interval=40.0, budget=BUDGET, history=history, fleet=True, clock=probe.clock
        )

        async def shut() -> None:
            pass

        return Connection(
            settings, host_label_of(settings), poller, asyncio.create_task(poller.run()), shut, {}
        )

    app = FlowtuiApp(settings, connect=connect, now=probe.clock.now)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        while app.session.connection is None:
            await pilot.pause(0.01)
        feed = app.session.connection.feed
        drawn = [0.0]

        async def breathe() -> None:
            """Wait now and then until a newer snapshot was drawn."""
            if probe.clock.elapsed - drawn[0] >= _DRAWN:
                drawn[0] = probe.clock.elapsed
                at = probe.clock.now() - _DRAWN / 2
                while (shown := app.session.dashboard.snapshot) is None or shown.at < at:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)

        found = await probe.run(lambda: sum(1 for _ in feed.snapshot().runs()), breathe)
        app.exit(0)
    return found


async def watch(probe: Probe, history: int) -> list[Sample]:
    from flowtui.source.poll.poller import Poller  # noqa: PLC0415  each side imports only what it needs
    from flowtui.watch.options import Options  # noqa: PLC0415
    from flowtui.watch.output.formats import FormatContext, make_format  # noqa: PLC0415
    from flowtui.watch.output.hooks import Hooks  # noqa: PLC0415
    from flowtui.watch.output.output import Output  # noqa: PLC0415
    from flowtui.watch.runner import Watch  # noqa: PLC0415

    options = Options(follow=True, output="plain", interval=40.0)
    poller = Poller(
        probe.client, interval=40.0, budget=BUDGET, history=ENDLESS, kept=history, clock=probe.clock
    )
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:  # noqa: ASYNC230  it opens at once
        target = make_format("plain", FormatContext(output=Output(nowhere), zone=UTC, interval=40.0))
        running = asyncio.create_task(Watch(poller, options, target, Hooks((), {}, probe.clock)).run())

        async def breathe() -> None:
            if running.done():
                raise SystemExit(f"the watch has ended: {running.result()}")

        found = await probe.run(lambda: sum(1 for _ in poller.snapshot().runs()), breathe)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return found


SIDES = {"dashboard": dashboard, "watch": watch}


def side(name: str, hours: float, history: int, *, trace: bool) -> list[Sample]:
    """Run one side in this process."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("CONFIG", "STATE", "DATA", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = f"{folder}/{kind}"
        os.environ["SEEKR_API_KEY"] = "memory-week"
        return asyncio.run(SIDES[name](Probe(hours, trace=trace), history))


def measured(name: str, hours: float, history: int) -> list[Sample]:
    """Run one side in a process of its own."""
    words = ["--side", name, "--hours", str(hours), "--history", str(history)]
    command = [sys.executable, "-m", "benchmarks.memory_week", *words]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True)
    return [tuple(sample) for sample in json.loads(done.stdout)]


def growth(found: list[Sample]) -> float:
    """Return by how many MB the memory grew in the last five sevenths of the time."""
    since = found[-1][0] * 2 / 7
    return found[-1][1] - next(memory for hours, memory, _ in found if hours >= since)


def compare(hours: float) -> tuple[list[Pair], bool]:
    """Return the comparisons, and whether the limits of a week are kept."""
    pairs, fine = [], True
    for name, limit in LIMITS.items():
        ours, theirs = measured(name, hours, HISTORY), measured(name, min(hours, MOST), ENDLESS)
        same = next(memory for at, memory, _ in ours if at >= theirs[-1][0])
        pairs.append(
            Pair(
                f"memory of {name} after {theirs[-1][0]:.0f} h",
                "no run is let go",
                "MB",
                same,
                theirs[-1][1],
                1.0,
            )
        )
        last, grown = ours[-1][1], growth(ours)
        print(
            f"{name}: {last:.1f} MB after {hours:.0f} h (limit {limit:.0f}), {ours[-1][2]:,} runs; grown by {grown:.1f} MB since {hours * 2 / 7:.0f} h",
            file=sys.stderr,
        )
        fine = fine and last <= limit and (grown <= FLAT or hours < 7 * 24.0)
    return pairs, fine


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--hours", type=float, default=6.0)
    parser.add_argument("--days", type=float)
    parser.add_argument("--json", action="store_true", help="for `all`")
    parser.add_argument("--side", choices=SIDES, help="run one side in this process")
    parser.add_argument("--history", type=int, default=HISTORY, help="runs kept of a thread, with `--side`")
    parser.add_argument("--trace", action="store_true", help="show what has grown most, with `--side`")
    asked = parser.parse_args()
    hours = asked.hours if asked.days is None else asked.days * 24.0
    if asked.side:
        print(json.dumps(side(asked.side, hours, asked.history, trace=asked.trace)))
        return 0
    pairs, fine = compare(hours)
    print(json.dumps([asdict(one) for one in pairs]) if asked.json else "\n".join(map(text_of, pairs)))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
