"""ARCHITECTURE's way from bytes to screen: one run is followed from the body of a response to a painted cell."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import flowtui

PACKAGE = Path(flowtui.__file__).parent
GUIDE = (PACKAGE / "ARCHITECTURE.md").read_text()
RUN = "run_1212e9"  # of the simulator's usual world

# File → the function that gets or returns the run there.
WAY = {
    "source/http/client.py": "_exchange",
    "source/read/thread_reader.py": "_take",
    "model/run/parsing.py": "parse_runs",
    "model/state/known_runs.py": "apply_runs",
    "source/poll/poller.py": "snapshot",
    "ui/app/session.py": "update",
    "ui/dashboard/dashboard.py": "update",
    "ui/table/shown_rows.py": "show",
    "ui/table/viewport.py": "_cells_of",
    "ui/table/cells.py": "cell",
}


@pytest.fixture
def ids():
    return "short"


def holds(value):
    """Whether a value has the run: bytes, a row, or what is made of rows."""
    parts = {
        "Run": lambda: value.raw_id == RUN,
        "bytes": lambda: RUN.encode() in value,
        "Reply": lambda: holds(value.body),
        "ParsedRuns": lambda: holds(value.rows),
        "ThreadState": lambda: holds(tuple(value.runs.values())),
        "Snapshot": lambda: holds(tuple(value.threads.values())),
        "Update": lambda: holds(value.snapshot),
        "tuple": lambda: any(map(holds, value)),
        "list": lambda: any(map(holds, value)),
    }
    return parts.get(type(value).__name__, lambda: False)()


async def test_the_way_of_the_guide_is_the_way_of_a_body(app):
    named = re.findall(r"^\d+\. `([\w/.]+)`", GUIDE, flags=re.MULTILINE)
    assert named == list(WAY)
    seen = []

    def follow(frame, event, result):
        code = frame.f_code
        file = code.co_filename.removeprefix(f"{PACKAGE}/")
        if event not in ("call", "return") or WAY.get(file) != code.co_name or file in seen:
            return
        given = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        values = [frame.f_locals.get(name) for name in given] if event == "call" else [result]
        if any(map(holds, values)):
            seen.append(file)

    sys.setprofile(follow)
    try:
        async with app(size=(120, 36)) as seat:
            await seat.sees(RUN)
    finally:
        sys.setprofile(None)
    assert seen == named
