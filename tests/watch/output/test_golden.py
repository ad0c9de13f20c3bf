"""One golden file per output format: lines, events and fields are a contract.

To write them again after an intended change: `FLOWTUI_GOLDEN=write pytest tests/watch/output/test_golden.py`.
"""

import os
from pathlib import Path

import pytest

from flowtui.errors import ServerError

from ...terminal import emulator

GOLDEN = Path(__file__).parent / "golden"


def compare(name, got):
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("FLOWTUI_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, encoding="utf-8", newline="\n")
    assert got == path.read_bytes().decode("utf-8")


@pytest.fixture
def story(world, clock):
    """One of each: waits, ends of each kind, a missed status, an outage, a finding."""
    world.add("thr_9a", "run_70", "completed", created=-300, usage={"total_tokens": 9_000})
    world.add("thr_9a", "run_71")
    world.add("thr_b2", "run_80", "running", agent="agent_b")
    world.add("thr_b2", "run_81", agent="agent_nameless")
    world.add("thr_b2", "run_82", "requires_action", is_active=False)
    world.traced["run_71"] = [
        {"is_exception": True, "span_name": "running tool mcp", "message": "crm 502: bad gateway"}
    ]

    def break_down():
        world.trouble["all"] = lambda: ServerError("GET /v1/threads: 503", status=503, retry_after=5.0)

    clock.at(12, lambda: world.move("run_71", "running"))
    clock.at(20, lambda: world.move("run_80", "running", tokens=2_500))
    clock.at(49, lambda: world.move("run_71", "failed", tokens=18_204))
    clock.at(60, lambda: world.move("run_81", "canceled"))
    clock.at(65, lambda: world.add("thr_9a", "run_72"))
    clock.at(70, break_down)
    clock.at(80, world.trouble.clear)
    clock.at(81, lambda: world.move("run_72", "completed", tokens=700))
    clock.at(90, lambda: world.move("run_80", "completed", tokens=5_000))
    clock.at(100, lambda: world.move("run_82", "completed"))


OPTIONS = {"follow": True, "settle": 5.0, "heartbeat": 30.0}


@pytest.mark.parametrize("output", ["plain", "jsonl", "json", "none"])
async def test_golden_output_of_a_format(output, story, watch):
    result = await watch("thr_9a", "thr_b2", output=output, **OPTIONS)
    assert result.code == 1
    compare(output, result.out)


async def test_golden_output_of_github(story, watch, tmp_path):
    page = tmp_path / "step.md"
    stage = {"environ": {"GITHUB_STEP_SUMMARY": str(page)}}
    result = await watch("thr_9a", "thr_b2", output="github", stage=stage, **OPTIONS)
    assert result.code == 1
    compare("github", result.out)
    compare("github-step-summary", page.read_text(encoding="utf-8"))


async def test_golden_output_of_tty(story, watch):
    stage = {"size": lambda: (100, 24), "color": True}
    result = await watch("thr_9a", "thr_b2", output="tty", stage=stage, **OPTIONS)
    assert result.code == 1
    # What the terminal shows, instead of the bytes, so that the golden file can be read.
    compare("tty", shown(result.out))


def shown(text):
    """Return what a terminal shows at the end, and before the first run ended."""
    screen, write = emulator(100, 24)
    head, _, tail = text.partition("× failed")
    write(head.rpartition("\x1b[0J")[0] + "\x1b[0J")
    before = [line.rstrip() for line in screen.display]
    write(head.rpartition("\x1b[0J")[2] + "× failed" + tail)
    after = [line.rstrip() for line in screen.display]
    return "\n".join([*_trim(before), "-" * 40, *_trim(after), ""])


def _trim(lines):
    while lines and not lines[-1]:
        lines.pop()
    return lines
