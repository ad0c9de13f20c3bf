"""Benchmarks on little data: they still fit the code that they measure. No test checks a figure."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks import all as every
from benchmarks import (
    bytes_per_tick,
    company,
    crowded_keys,
    findings,
    gate,
    growth,
    narrowed,
    paging,
    table_sizes,
    table_tick,
)
from benchmarks.company_runs import Company
from benchmarks.gating import plans, trial
from benchmarks.planning import Planning
from benchmarks.table_sides import Ours, Stock


def test_the_poller_chooses_threads_without_requests():
    assert Planning(Company(1_000)).passing(60.0) > 100


def test_the_list_of_all_threads_is_read(monkeypatch):
    monkeypatch.setattr(company, "THREADS", 120)
    assert company.start(1).ours > 0


def test_a_fault_is_found_and_a_healthy_quarter_of_an_hour_has_no_finding():
    assert findings.demanded(1, ("vanish",), "vanished", findings.INTERVAL).after <= 2 * findings.INTERVAL
    assert findings.healthy(1, runs=50, seconds=900.0).false.total() == 0


def test_the_gate_fails_for_many_failures_and_not_for_unchanged_runs():
    changed, unchanged = plans.QUICK[2], plans.UNCHANGED[1]
    ends = gate.trials(None, changed, 3)
    assert set(ends) == set(trial.METHODS)
    assert {end.verdict for own in ends.values() for end in own} == {"FAIL"}
    assert not any(end.verdict == "FAIL" for end in gate.trials(None, unchanged, 3)[trial.GATE])


def test_paging_by_offset_misses_runs_and_sweeps_do_not():
    score = paging.score(paging.CONDITIONS[0], 20)
    assert score.naive_lost > score.ours_lost == 0


@pytest.mark.slow
def test_growth_measures_each_row_of_its_table(monkeypatch):
    monkeypatch.setattr(growth, "SIZES", (1_000,))
    monkeypatch.setattr(table_sizes, "GROWTH", (1_000,))
    names = {name for name, _, _ in [*growth.measured(1), *growth.table_alone()]}
    table = every.README.read_text().partition(growth.START)[2].partition(growth.END)[0]
    assert names == {line.split("|")[1].strip() for line in table.strip().splitlines()[2:]}


@pytest.mark.slow
def test_the_same_operations_are_measured_on_both_tables(monkeypatch):
    turns = asyncio.run(table_sizes.Comparison([Ours, Stock], 200, 2).run())
    assert {what for what, side in turns if side == Ours.name} == {
        what for what, side in turns if side == Stock.name
    }
    monkeypatch.setattr(table_tick, "ROWS", 400)
    monkeypatch.setattr(table_tick, "THREADS", 20)
    monkeypatch.setattr(table_tick, "CHANGES", 20)
    assert len(table_tick.measure(1)) == 3


@pytest.mark.slow
def test_the_dashboard_draws_updates_in_each_view(monkeypatch):
    monkeypatch.setattr(narrowed, "RUNS", 400)
    monkeypatch.setattr(narrowed, "ACTIVE", 4)
    assert len(narrowed.measure(1)) == 2 * len(narrowed.VIEWS) - 1
    monkeypatch.setattr(crowded_keys, "MANY", 400)
    monkeypatch.setattr(crowded_keys, "KEYS", 2)
    assert len(crowded_keys.measure(1)) == 4
    assert len(bytes_per_tick.measure(1)) == 3
