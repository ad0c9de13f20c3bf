"""Marks reach the one-shot commands as the column and the field `release`."""

from __future__ import annotations

import csv
import io
import time

from flowtui.cli import main
from flowtui.config.memory.marks import Owner, set_mark
from flowtui.simulator.server import Simulator


def test_runs_show_the_last_release_marked_before_them(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    now = time.time()
    with Simulator(seed=3, threads=2, runs=12, ids="uuid") as simulator:
        here = Owner("default", simulator.url)
        set_mark(here, "v1", now - 1e6, made=now)
        set_mark(here, "v2", now + 1e6, made=now)
        set_mark(Owner("default", "https://flow.seekr.com"), "other", now - 1, made=now)
        environ = {"SEEKR_BASE_URL": simulator.url, "SEEKR_API_KEY": "any", "FLOWTUI_CONFIG": ""}
        assert main(["runs", "-o", "csv", "--columns", "run,release"], environ) == 0
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert rows
        assert {row["release"] for row in rows} == {"v1"}
        assert main(["runs", "-o", "csv", "--filter", "release:v2"], environ) == 0
        assert list(csv.DictReader(io.StringIO(capsys.readouterr().out))) == []
