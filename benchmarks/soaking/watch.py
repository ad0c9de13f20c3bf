"""The soak's `watch`: its runner over a simulated day, and its output compared with the simulator's runs."""

from __future__ import annotations

import asyncio
import json
import os
import random
import tempfile
import time
from collections import Counter
from datetime import UTC
from pathlib import Path

from pydantic import SecretStr

from benchmarks.simulated_clock import BEGIN
from benchmarks.soaking.checks import Accidents, Check, compare, kinds, memory_checks, sample, state_checks
from benchmarks.soaking.clock import CountedClient, DayClock
from benchmarks.soaking.day import BUSY, HOUR, plan
from benchmarks.soaking.day_runner import DayRunner
from benchmarks.soaking.world import World
from flowtui.config.settings import Settings
from flowtui.model.run.row import COMPLETED, FAILED, STATUS_CLASSES
from flowtui.source.poll.poller import Poller
from flowtui.watch.exits import FAILED as EXIT_FAILED
from flowtui.watch.options import Hook, Options
from flowtui.watch.output.formats import FormatContext, make_format
from flowtui.watch.output.hooks import Hooks
from flowtui.watch.output.output import Output
from flowtui.watch.runner import Watch

FRONT = "watch"
GRAIN = 5.0  # shortest step in seconds of the day


def soak(hours: float, seed: int, world_options: dict) -> tuple[list[Check], dict]:
    """Run a day; return the checks, and further figures for `--verbose`."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        return asyncio.run(_soak(hours, seed, world_options, Path(folder)))


async def _soak(hours: float, seed: int, world_options: dict, folder: Path) -> tuple[list[Check], dict]:
    accidents = Accidents()
    accidents.watch()
    day = plan(seed, hours, final=False)
    world = World(BEGIN, **world_options)
    clock = DayClock(GRAIN, lambda now: setattr(world, "now", min(now, BEGIN + day.still)))
    clock.lost = world.lost
    settings = Settings(base_url=world.url, budget=60)
    options = Options(
        follow=True,
        expect=10**9,  # never reached, so that only the timeout ends it
        wait_start=10 * day.over,
        timeout=day.over,
        give_up_after=10 * hours * HOUR + HOUR,
        interval=BUSY,
        output="jsonl",
        hooks=(Hook("poll.error", ("true",)),),
    )
    samples, before = [], None
    with (folder / "events.jsonl").open("w+", encoding="utf-8") as file:
        async with CountedClient(clock, settings, SecretStr("soak-key-1f0c")) as client:
            poller = Poller(
                client, interval=options.interval, quiet_interval=120.0, budget=60, history=10**9,
                clock=clock, rng=random.Random(seed),
            )  # fmt: skip
            stage = FormatContext(output=Output(file), zone=UTC, interval=options.interval)
            watch = Watch(
                poller, options, make_format("jsonl", stage), Hooks(options.hooks, os.environ, clock)
            )
            running = asyncio.create_task(watch.run())
            runner = DayRunner(day, world, clock, client, poller)
            async for hour in runner.hours():
                samples.append(sample(hour, len(watch._reducer.ledger.runs)))
                before = kinds() if before is None and hour >= min(2.0, hours / 2) else before
            await clock.run(day.over + 30.0)
            ended = running.done()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        file.seek(0)
        told = [json.loads(line) for line in file]
    grown = kinds() - before
    truth = world.truth()
    world.close()
    ledger = watch._reducer.ledger
    states = poller.observer.states
    found = compare(ledger.runs, truth, states)
    dead = [] if ended else ["the watch has not ended"]
    checks = [
        Check(
            FRONT,
            "unhandled exceptions",
            f"{len(accidents.seen)} {accidents.seen[:2] or ''}",
            not accidents.seen,
        ),
        *runner.checks(FRONT, dead),
        *_told_checks(told, runner),
        *state_checks(FRONT, found, truth),
        *_summary_checks(told, ledger, running, day),
        *memory_checks(FRONT, samples),
    ]
    return checks, {
        "cpu": (time.process_time(), truth.seconds),
        "requests": clock.requests,
        "steps": clock.steps,
        "events": len(told),
        "samples": samples,
        "grown": grown.most_common(25),
        "accidents": accidents.seen,
    }


def _told_checks(told: list[dict], runner: DayRunner) -> list[Check]:
    """Judge the events: each run appeared once, and every restart is in the output."""
    names = Counter(event["event"] for event in told)
    appeared = Counter((e["thread_id"], e["run_id"]) for e in told if e["event"] == "run.appeared")
    twice = sum(times > 1 for times in appeared.values())
    inside = sum(e["event"] == "poll.error" and e["kind"] == "internal" for e in told)
    said = (
        f"{names['run.appeared']:,} appeared, {names['run.status']:,} changed, {names['poll.error']:,} errors"
    )
    return [
        Check(FRONT, "events", said, None),
        Check(FRONT, "runs that appeared twice", str(twice), not twice),
        Check(
            FRONT,
            "incidents in the output, of all incidents",
            f"{inside} of {len(runner.incidents)}",
            inside == len(runner.incidents),
        ),
    ]


def _summary_checks(told: list[dict], ledger, running: asyncio.Task, day) -> list[Check]:
    """Compare the summary with counts made from the rows."""
    summaries = [event for event in told if event["event"] == "summary"]
    if not summaries or running.cancelled():
        return [Check(FRONT, "summary", "there is none", False)]
    last, rows = summaries[-1], list(ledger.runs.values())
    classes = Counter(row.status_class for row in rows)
    reported = [row.total_tokens for row in rows if row.total_tokens is not None]
    failed = {row.key for row in rows if row.status_class == FAILED}
    named = {(one["thread_id"], one["run_id"]) for one in last["failed"] if one["because"] == "failed"}
    wrong = [
        name
        for name, fine in (
            ("it stands last and alone", told[-1] is last and len(summaries) == 1),
            ("exit code", last["exit"] == last["verdict"] == running.result() == EXIT_FAILED),
            (
                "counts",
                last["counts"] == {"total": len(rows), **{word: classes[word] for word in STATUS_CLASSES}},
            ),
            ("tokens", (last["tokens"], last["tokens_reported"]) == (sum(reported), len(reported))),
            ("failed runs", named == failed),
            ("duration", abs(last["duration_s"] - day.over) < 60.0),
        )
        if not fine
    ]
    said = f"{last['reason'][:60]}: exit {last['exit']}, {len(rows):,} runs, {classes[COMPLETED]:,} completed, {len(failed):,} failed"
    return [Check(FRONT, "summary", f"{said}{'; wrong: ' + ', '.join(wrong) if wrong else ''}", not wrong)]
