"""Makes all pictures in this folder from a seeded simulator: `python screenshots/make.py [SCENE ...]`.

Needs the extra `shots`. `stage.py` has the simulator, the application and their clock.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence

from stage import DAY, HERE, MADE, PRICES, START, Stage, with_stage

from flowtui.ui.base.messages import MomentMarked, ScreenRequested


async def dashboards(stage: Stage) -> None:
    """The dashboard, its menus, and the screens of a completed run."""
    await stage.loaded()
    await stage.advance(400)
    rows = stage.app.dashboard.table.rows
    stage.app.dashboard.select(
        next(run.key for run in rows.window(4, len(rows)) if run.status == "completed")
    )
    await stage.loaded()
    await stage.fetch_reasons()
    await stage.wait_for_highlights()
    await stage.everywhere("dashboard")
    await stage.shoot("theme-contrast", theme="contrast")
    await stage.shoot("theme-blue-orange", theme="blue-orange")
    await stage.press("s")
    await stage.shoot("order")
    await stage.press("escape", "ctrl+p")
    await stage.shoot("palette")
    await stage.press("escape", "question_mark")
    await stage.everywhere("help")
    await stage.press("escape", "enter", "2")
    await stage.loaded()
    await stage.shoot("instructions")
    await stage.press("3")
    await stage.shoot("tools")
    await stage.press("7")
    run = stage.app.dashboard.table.cursor_run
    assert run is not None
    await stage.wait_for(lambda: stage.app.session.fetcher.opened(run).evidence.value)
    await stage.shoot("usage")
    await stage.press("9")
    await stage.shoot("raw", theme=DAY)
    await stage.press("escape", "t")
    await stage.settle("timeline")
    await stage.everywhere("threads-timeline")


async def drill_down(stage: Stage) -> None:
    """A failed run: card, messages, timeline, why it failed, and the differences from the run before it."""
    await stage.loaded()
    await stage.advance(400)
    rows = stage.app.dashboard.table.rows
    runs = rows.window(0, len(rows))
    failed = next(run for run in runs if run.status_class == "failed")
    stage.app.dashboard.select(failed.key)
    await stage.loaded()
    await stage.press("enter", "1")
    await stage.wait_for(lambda: stage.app.session.fetcher.opened(failed).evidence.value)
    await stage.fetch_reasons()
    await stage.everywhere("run")
    await stage.press("6")
    await stage.everywhere("why")
    await stage.press("4")
    await stage.wait_for(lambda: stage.app.session.fetcher.opened(failed).conversation.value)
    await stage.press("j", "j", "j", "space")
    await stage.shoot("messages")
    await stage.press("5")
    await stage.shoot("timeline")
    await stage.press("escape")
    changed = next(
        run
        for run in runs
        if (before := stage.app.dashboard.compared_with(run)) is not None
        and stage.config(run.key) != stage.config(before[0].key)
    )
    stage.app.dashboard.select(changed.key)
    await stage.press("d")
    await stage.wait_for(
        lambda: (against := stage.app.session.fetcher.opened(changed).against) and against.raw
    )
    await stage.shoot("diff")


async def finding(stage: Stage) -> None:
    """A finding with its explanation, and the dialog before runs are cancelled."""
    await stage.loaded()
    await stage.advance(60)
    await stage.press("g", "enter", "6")
    run = stage.app.dashboard.table.cursor_run
    assert run is not None
    await stage.wait_for(lambda: stage.app.session.fetcher.opened(run).evidence.value)
    await stage.shoot("finding")
    await stage.press("escape", "g", "space", "space", "ctrl+k")
    await stage.shoot("cancel")


async def gate(stage: Stage) -> None:
    """The deploy gate after a bad release."""
    await stage.loaded()
    await stage.advance(480, 80.0)
    stage.app.post_message(MomentMarked("release-42"))
    await stage.wait_for(lambda: stage.app.session.deploy_marks.marks)
    await stage.advance(480, 80.0)
    limits = "failure_rate <= base + 10% and p95(duration) <= base * 2 and tokens_per_run <= base * 1.5"
    stage.app.post_message(ScreenRequested("gate", limits))
    await stage.wait_for(lambda: stage.app.screen.name == "gate")
    await stage.sees("× FAIL")
    await stage.fetch_reasons()
    await stage.everywhere("gate")
    await stage.press("escape")
    await stage.wait_for_highlights()
    await stage.shoot("release")


async def all_day(stage: Stage) -> None:
    """Groups, completion in the filter, columns, and events."""
    await stage.loaded()
    await stage.advance(300, 20.0)
    await stage.press("slash", *"status:")
    await stage.shoot("filter")
    await stage.press("escape", "escape")
    await stage.press("B", "shift+tab", "z")
    await stage.shoot("groups")
    await stage.press("z", "B", "B", "B", "tab", "C")
    await stage.shoot("columns")
    await stage.press("escape", "slash", *"status:failed", "enter", "W", "slash", "ctrl+u", "enter")
    await stage.advance(60, 20.0)
    await stage.press("L")
    await stage.everywhere("events")


async def answers(stage: Stage) -> None:
    """Failures by reason, one agent, spend, and what happened since the user left: over the demo's earlier days."""
    await stage.loaded()
    await stage.advance(120, 40.0)
    await stage.fetch_reasons()
    past = stage.app.session.past.past
    assert past is not None
    await stage.wait_for(lambda: past.explained(0.0, START))
    await stage.press("f")
    for _ in range(4):
        await stage.press("l")
    await stage.settle("failures")
    await stage.everywhere("failures")
    await stage.press("A")
    await stage.settle("agent")
    await stage.everywhere("agent")
    await stage.press("escape", "escape", "b")
    await stage.settle("brief")
    await stage.everywhere("brief")
    await stage.press("escape", "dollar_sign")
    await stage.settle("spend")
    await stage.everywhere("spend")


async def stale(stage: Stage) -> None:
    """An outage: the rows stay and are shown as stale."""
    await stage.loaded()
    await stage.advance(60)
    stage.simulator.stop()
    stage.clock.at += 3  # the threads are requested now; the outage counts from here
    connection = stage.app.session.connection
    assert connection is not None
    connection.feed.refresh()
    await stage.until(lambda: all(s.failure for s in connection.feed.snapshot().threads.values()))
    stage.clock.at += 44
    await stage.shoot("stale")
    stage.simulator.start()


async def loading(stage: Stage) -> None:
    """The dashboard before the first answers."""
    await stage.until(lambda: stage.app.dashboard.snapshot is not None)
    await stage.shoot("loading")


async def empty(stage: Stage) -> None:
    """The dashboard without threads, with the explanation."""
    await stage.until(lambda: bool(stage.app.dashboard.snapshot and stage.app.dashboard.snapshot.listed))
    await stage.shoot("empty")


async def error(stage: Stage) -> None:
    """The dashboard after the key was refused."""
    await stage.until(lambda: bool(stage.app.dashboard.snapshot and stage.app.dashboard.snapshot.stopped))
    await stage.shoot("error")


async def first(stage: Stage) -> None:
    """The first screen of a user without a key."""
    await stage.shoot("first")


SCENES: dict[str, Callable[[], Awaitable[None]]] = {
    "dashboards": lambda: with_stage(dashboards, runs=90),
    "all_day": lambda: with_stage(all_day, runs=90, prices=PRICES),
    "drill_down": lambda: with_stage(drill_down, runs=90),
    "finding": lambda: with_stage(finding, faults=("overdue",), runs=60, actions=True),
    "gate": lambda: with_stage(gate, runs=90, deploy_at="480s:failures=80%,tokens=x2", prices=PRICES),
    "answers": lambda: with_stage(answers, runs=90, prices=PRICES),
    "stale": lambda: with_stage(stale, runs=60),
    "loading": lambda: with_stage(loading, faults=("slow:8",), runs=60),
    "empty": lambda: with_stage(empty, faults=("body:[]@threads",)),
    "error": lambda: with_stage(error, key="another"),
    "first": lambda: with_stage(first, demo=False),
}


OTHERS = {"growth.png"}
"""Pictures that another script makes."""


def scene(name: str) -> str:
    """Return the name of a scene, as argparse takes it."""
    if name not in SCENES:
        raise argparse.ArgumentTypeError(f"no scene is called {name!r}: choose from {', '.join(SCENES)}")
    return name


def named(words: Sequence[str]) -> list[str]:
    """Return the scenes named on the command line."""
    width = max(map(len, SCENES)) + 2
    told = [f"  {name:{width}}{(globals()[name].__doc__ or '').strip()}" for name in SCENES]
    parser = argparse.ArgumentParser(
        prog="python screenshots/make.py",
        description="Makes the pictures in this folder from a seeded simulator. It takes some minutes.",
        epilog="\n".join(["scenes:", *told]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scenes", nargs="*", metavar="SCENE", type=scene, help="only these scenes; else all")
    found: list[str] = parser.parse_args(words).scenes
    return found


def main(names: Sequence[str]) -> None:
    """Make the named scenes, or all."""
    os.environ.pop("SEEKR_API_KEY", None)
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state  # keeps the user's own marks unchanged
        for name in names or SCENES:
            asyncio.run(SCENES[name]())  # type: ignore[arg-type]
    others = sorted({path.name for path in HERE.glob("*.png")} - MADE - OTHERS)
    if others and not names:
        print(f"No scene makes {', '.join(others)}")


if __name__ == "__main__":
    main(named(sys.argv[1:]))
