"""One golden file per output format of a gate: its table, event and fields are a contract.

To write them again after an intended change: `FLOWTUI_GOLDEN=write pytest tests/watch/output/test_gate_golden.py`.
"""

import os
from pathlib import Path

import pytest

from flowtui.model.gate import parse_gate
from flowtui.watch.options import GatePlan

from ...terminal import emulator
from ..conftest import BEGIN, iso

GOLDEN = Path(__file__).parent / "golden"
TEXT = "failure_rate <= base + 10% and p95(duration) <= base * 1.5"


def compare(name, got):
    path = GOLDEN / f"gate-{name}.txt"
    if os.environ.get("FLOWTUI_GOLDEN") == "write":
        path.write_text(got, encoding="utf-8", newline="\n")
    assert got == path.read_bytes().decode("utf-8")


def options(**more):
    return {
        "gate": GatePlan(parse_gate(TEXT), TEXT, 7200.0, 20, by_agent=True),
        "mark": "release|42",
        "since": BEGIN,
        "until": "gate",
        "settle": 5.0,
        "fail_on": frozenset(),
        "wait_start": float("inf"),
        "timeout": 600.0,
        **more,
    }


def thread_of(number):
    """Return the thread of a run: both threads have runs of both agents, before and after the release."""
    return ("thr_9a", "thr_b2")[number // 2 % 2]


@pytest.fixture
def story(world, clock):
    """Two agents without failures; after the release one of them fails with a new error."""
    for number in range(120):
        status = "failed" if number % 20 == 0 else "completed"
        agent = "agent_a" if number % 2 else "agent_b"
        created = -6000 + 30 * number
        ended = {f"{status}_at": iso(BEGIN + created + 9 + number % 7)}
        world.add(thread_of(number), f"old_{number}", status, created=created, agent=agent, **ended)
        world.traced[f"old_{number}"] = [{"is_exception": True, "message": "crm 502: bad gateway"}]
    world.add("thr_9a", "odd", "completed", created=-10, created_at=None)

    def add(number):
        bad = number % 2 and number % 3
        agent = "agent_a" if number % 2 else "agent_b"
        status = "failed" if bad else "completed"
        ended = {f"{status}_at": iso(clock.now() + 0.2)}
        began = clock.elapsed - 9 - number % 5
        began = max(0.0, began)
        world.add(thread_of(number), f"new_{number}", status, created=began, agent=agent, **ended)
        world.traced[f"new_{number}"] = [{"is_exception": True, "message": "KeyError: <tax|rate> ::error"}]

    for number in range(200):
        clock.at(4 + number, lambda number=number: add(number))


@pytest.mark.parametrize("output", ["plain", "jsonl", "json"])
async def test_golden_output_of_a_format(output, story, watch):
    result = await watch(
        "thr_9a", "thr_b2", output=output, **options(heartbeat=30.0, quiet=output == "plain")
    )
    assert result.code == 1
    out = result.out
    if output == "jsonl":
        out = "".join(f"{line}\n" for line in out.splitlines() if '"event": "run.' not in line)
    if output == "json":
        out = out.partition(', "runs": [{')[0] + "\n"
    compare(output, out)


async def test_the_table_of_each_change_and_each_heartbeat(story, watch):
    result = await watch("thr_9a", "thr_b2", output="plain", **options(heartbeat=30.0))
    lines = [line for line in result.out.splitlines() if "  new_" not in line and "  old_" not in line]
    compare("plain-all", "".join(f"{line}\n" for line in lines))


async def test_golden_output_of_github(story, watch, tmp_path):
    page = tmp_path / "step.md"
    stage = {"environ": {"GITHUB_STEP_SUMMARY": str(page)}}
    result = await watch("thr_9a", "thr_b2", output="github", stage=stage, **options(quiet=True))
    assert result.code == 1
    compare("github", result.out)
    compare("github-step-summary", page.read_text(encoding="utf-8").partition("| status | run |")[0])


async def test_golden_output_of_tty(story, watch):
    stage = {"size": lambda: (110, 30), "color": True}
    result = await watch("thr_9a", "thr_b2", output="tty", stage=stage, **options())
    assert result.code == 1
    screen, write = emulator(110, 30)
    write(result.out.rpartition("\x1b[?25h")[0].rpartition("\x1b[0J")[0])
    compare("tty", "".join(f"{line.rstrip()}\n" for line in screen.display).rstrip("\n") + "\n")
