"""A crash of the dashboard as a developer sees it, on a real terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowtui.simulator.server import Simulator

from .conftest import KEY, NOW
from .repeated_dashboard import RepeatedDashboard


@pytest.mark.slow  # `tests/cli/test_crash_locals.py` sees the same of a command
def test_locals_come_after_the_screen_and_without_the_key(tmp_path):
    with Simulator(seed=7, threads=5, runs=60, clock=lambda: NOW, key=KEY) as simulator:
        stage = RepeatedDashboard(["timer", "thread"], tmp_path, simulator.url, KEY, FLOWTUI_DEV="1")
        try:
            for _ in range(2):
                stage.opens()
                ended = stage.ended()
                assert (ended.code, ended.same) == ("1", True)
                assert "local = 'holds ***'" in ended.after
                assert ended.after.index("flowtui crashed") < ended.after.index("local = ")
                assert "\x1b" not in ended.after.partition("flowtui: error")[2]
                assert b"local = " not in ended.raw.replace(ended.after.encode(), b"")
                assert KEY.encode() not in ended.raw
                report = re.search(r"(/\S+crash-\S+\.txt)", ended.after)
                assert report is not None
                assert "holds" not in Path(report[1]).read_text()
        finally:
            stage.close()
