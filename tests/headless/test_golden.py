"""One golden file per command and output format: names and shapes are a contract.

To rewrite them after an intended change: `FLOWTUI_GOLDEN=write pytest tests/headless/test_golden.py`.
"""

import os
from pathlib import Path

import pytest

from flowtui.model.columns.columns import COLUMNS

GOLDEN = Path(__file__).parent / "golden"
FORMATS = ("table", "json", "jsonl", "csv")


def compare(name, got):
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("FLOWTUI_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, encoding="utf-8", newline="\n")
    assert got == path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ids():
    return "short"


def busiest(simulator):
    return max(simulator.thread_ids(), key=lambda thread: len(simulator.run_ids(thread)))


@pytest.mark.parametrize("output", FORMATS)
def test_runs(output, flowtui, simulator):
    thread = busiest(simulator)
    simulator.add_fault("bad-created-at:newest")
    assert flowtui("runs", thread, "--limit", "4", "-o", output) == 0
    assert flowtui.err == ""
    compare(f"runs-{output}", flowtui.out)


@pytest.mark.parametrize("output", FORMATS)
def test_threads(output, flowtui):
    assert flowtui("threads", "-o", output) == 0
    assert flowtui.err == ""
    compare(f"threads-{output}", flowtui.out)


@pytest.mark.parametrize("output", FORMATS)
def test_run(output, flowtui, simulator):
    thread = busiest(simulator)
    assert flowtui("run", simulator.run_ids(thread)[1], "-t", thread, "-o", output) == 0
    assert flowtui.err == ""
    compare(f"run-{output}", flowtui.out)


def test_every_column_is_in_csv_and_table(flowtui, simulator):
    names = ",".join(COLUMNS)
    thread = busiest(simulator)
    assert flowtui("runs", thread, "--limit", "2", "-o", "csv", "--columns", names) == 0
    compare("runs-csv-all-columns", flowtui.out)
    assert flowtui("runs", thread, "--limit", "2", "-o", "table", "--columns", names) == 0
    compare("runs-table-all-columns", flowtui.out)
