"""The benchmarks can be imported, and their README has the table of `benchmarks.all`. No test checks a figure."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # they are no part of the package

from benchmarks import all as every
from benchmarks.pairs import Pair, pair, share

README = every.README.read_text()
TABLE = README.partition(every.START)[2].partition(every.END)[0]
PARTS = {
    "all",
    "answer_world",
    "busy_threads",
    "company_runs",
    "full_runs",
    "history_runs",
    "hosts",
    "pairs",
    "planning",
    "replies",
    "runs_server",
    "simulated_clock",
    "slim_transport",
    "stored_runs",
    "table_sides",
    "terminal",
    "whole_screen",
}  # modules that are not commands

EXTRA = {
    "memory": "msgspec",
    "transports": "aiohttp",
    "way_in": "msgspec",
}  # modules that need the extra `bench`


def commands():
    return sorted(path.stem for path in Path(every.__file__).parent.glob("*.py") if path.stem not in PARTS)


@pytest.mark.parametrize("name", commands())
def test_every_command_imports_and_documents_its_usage(name):
    if name in EXTRA:
        pytest.importorskip(EXTRA[name], reason="the extra `bench` is not installed")
    module = importlib.import_module(f"benchmarks.{name}")
    assert (
        f"python -m benchmarks.{name}" in module.__doc__ or f"python benchmarks/{name}.py" in module.__doc__
    )


@pytest.mark.parametrize("name", commands())
def test_the_readme_names_every_command(name):
    assert f"`{name}`" in README or f"`python -m benchmarks.{name}`" in README


@pytest.mark.parametrize("name", every.NAMES)
def test_the_table_has_a_row_for_every_comparison(name):
    assert f"\n| `{name}` |" in TABLE


def test_all_runs_every_command_that_compares():
    assert {
        *every.NAMES,
        "bombs",
        "findings",
        "gate",
        "growth",
        "growth_plot",
        "memory_week",
        "notify_rules",
        "paging",
        "promises",
        "random_keys",
        "reasons",
        "soak",
        "truth",
    } == set(commands())


def test_a_benchmark_that_runs_alone_leaves_the_other_rows_as_they_are(tmp_path, monkeypatch, capsys):
    page = tmp_path / "README.md"
    page.write_text(README, encoding="utf-8")
    monkeypatch.setattr(every, "README", page)
    monkeypatch.setattr(every, "run", lambda name: [f"| `{name}` | new |"] if name == "version" else None)
    assert every.main(["version", "table_load"]) == 1
    assert "table_load" in capsys.readouterr().err
    old, new = every.rows_of(README), every.rows_of(page.read_text(encoding="utf-8"))
    assert new == {**old, "version": ["| `version` | new |"]}
    assert page.read_text(encoding="utf-8").partition(every.START)[0] == README.partition(every.START)[0]
    assert page.read_text(encoding="utf-8").partition(every.END)[2] == README.partition(every.END)[2]
    assert every.main(["nothing"]) == 2


def test_a_pair_has_the_medians_of_its_sides():
    one = pair("tick", "stock", "ms", [(1.0, 10.0), (9.0, 90.0), (2.0, 20.0)], 0.2)
    assert (one.ours, one.theirs, one.ratio, one.kept) == (2.0, 20.0, 0.1, True)


def test_a_missed_limit_is_shown():
    assert "missed" in every.line("tick", Pair("tick", "stock", "ms", 3.0, 10.0, 0.2))
    assert [share(0.0123), share(1.5)] == ["1.23 %", "1.50 ×"]
