"""Failures as records, tables and text: ids are whole, unknown is null, text of servers stays text."""

from __future__ import annotations

from datetime import UTC

from flowtui.model.answers.failures import failures
from flowtui.model.answers.reason_news import Memory
from flowtui.model.export.failure_tables import (
    FailureNames,
    csv_columns,
    failures_markdown,
    failures_record,
    sum_words,
)
from flowtui.model.export.reason_text import reason_lines
from flowtui.model.export.tables import csv_lines
from flowtui.model.reasons.reason import Reason, reason_id

from ...store.remembering import BEGIN, run

ODD = Reason("=cmd() | <b>[x](y)", "tool crm")
ROWS = [
    run("odd-1", "failed", created=BEGIN + 5, agent_id="agent-2", total_tokens=None),
    run("odd-2", "failed"),
    run("mute", "failed", agent_id=""),
    run("good"),
]
NAMES = FailureNames(agents={"agent-1": "checkout"}, now=BEGIN + 100, zone=UTC)


def found(**more):
    why = {row.key: ODD for row in ROWS[:2]}
    return failures(ROWS, BEGIN, BEGIN + 100, why, memory=Memory(), **more)


def test_records_have_whole_ids_and_null_for_what_is_unknown():
    record = failures_record(found(active=3), NAMES)
    assert (record["all"], record["ended"], record["without_reason"], record["reason_count"]) == (7, 4, 1, 1)
    odd, mute = record["reasons"]
    assert (odd["reason"], odd["reason_id"], odd["reason_source"]) == (ODD.text, reason_id(ODD), "tool crm")
    assert (mute["reason"], mute["reason_id"], mute["news"], mute["cost"]) == (None,) * 4
    assert [each["name"] for each in odd["agents"]] == ["checkout", None]
    assert (odd["tokens"], odd["unreported"]) == (120, 1)
    assert [each["id"] for each in odd["runs"]] == ["odd-1", "odd-2"]


def test_sums_of_forgotten_runs_count_but_are_in_no_row():
    told = found(gone={"failed": 4, "completed": 6})
    assert (told.outcomes.failed, told.outcomes.ended, told.unexplained) == (7, 14, 5)
    assert sum_words(told) == "7 of 14 ended runs failed (50%), for 1 reason; 5 have no known reason yet"
    assert round(sum(one.share for one in told.reasons), 3) == round(3 / 7, 3)


def test_text_of_servers_is_neither_formula_nor_markup():
    (_, first, second) = csv_lines(csv_columns(NAMES), found().reasons)
    assert "'=cmd()" in first
    assert second.startswith("1,0.333,,")
    text = "".join(failures_markdown(found(), NAMES, ["<i>"]))
    assert "<b>" not in text
    assert "<i>" not in text
    assert "[x](y)" not in text


def test_the_copied_text_has_counts_and_ids():
    text = reason_lines(found().reasons[0], found(), NAMES)
    assert text.splitlines()[0] == "2× =cmd() | <b>[x](y) (tool crm)"
    assert "67% of 3 failed runs since 2026-11-06 21:20:00 UTC" in text
    assert text.endswith("runs: odd-1 odd-2\n")
    assert "reason id" not in reason_lines(found().reasons[1], found(), NAMES)


def test_csv_of_threads_has_whole_ids():
    thread = "0b0e4d7a-1111-4222-8333-444455556666"
    rows = [row._replace(thread_key=thread) for row in ROWS]
    told = failures(rows, BEGIN, BEGIN + 100, {}, memory=Memory(), by="thread")
    names = FailureNames(now=BEGIN + 100, zone=UTC, by="thread")
    head, row = csv_lines(csv_columns(names), told.reasons)
    assert head.startswith("key,thread,failed,share,reason")
    assert row.startswith(f"{thread},…")
