"""The columns of the run table: cell texts, and sorting by each column."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.columns.columns import COLUMNS, DEFAULT, note, progress
from flowtui.model.columns.context import Context, status_phrase, status_word
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import apply_runs, apply_thread
from flowtui.model.state.lineage import Lineage
from flowtui.model.stats.usual_times import DurationStats, UsualTimes
from flowtui.model.view.sorting import sort_runs

from ...examples import examples

NOW = 1000.0
CTX = Context(NOW, agents={"agent_1": "Scout"}, zone=UTC)


def text(column, run, context=CTX):
    return COLUMNS[column].text(run, context)


def ids(runs):
    return "".join(run.raw_id for run in runs)


def test_every_column_has_a_unique_name_a_title_and_a_place():
    assert set(DEFAULT) <= set(COLUMNS)
    assert len({column.title for column in COLUMNS.values()}) == len(COLUMNS)
    assert all(column.name == name and column.width > 0 for name, column in COLUMNS.items())


def test_all_cells_of_a_complete_run(a_run):
    run = a_run(
        "run_7",
        "completed",
        created=0,
        started=40,
        completed=7549,
        agent_id="agent_1",
        model="llama",
        usage={"prompt_tokens": 18000, "completion_tokens": 204, "total_tokens": 18204},
    )
    assert [text(name, run) for name in COLUMNS] == [
        "completed",
        "run_7",
        "thr_1",
        "Scout",
        "llama",
        "16m",
        "40s",
        "2:05:09",
        "18,204",
        "18,000",
        "204",
        "—",
        "1970-01-01 00:00:00 UTC",
        "1970-01-01 02:05:49 UTC",
        "",
        "",
        "—",
        "—",
        "—",
        "—",
        "—",
    ]


def test_unknown_values_are_a_dash_and_never_zero(a_run):
    run = a_run(status="")
    empty = {
        "status",
        "agent",
        "model",
        "age",
        "wait",
        "time",
        "tokens",
        "prompt",
        "completion",
        "created",
        "ended",
    }
    for name in empty:
        assert text(name, run) == "—", name
        assert COLUMNS[name].value(run, CTX) is None or name == "status"
    zero = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert text("tokens", a_run(status="completed", usage=zero)) == "0"


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("queued", "queued"),
        ("canceled", "cancelled"),
        ("in_progress", "in_progress?"),
        ("COMPLETED", "COMPLETED?"),
        ("", "—"),
    ],
)
def test_each_status_is_shown_by_its_word(a_run, status, shown):
    assert status_word(a_run(status=status)) == shown


@pytest.mark.parametrize("status", ["", "odd"])
@pytest.mark.parametrize("end", ["failed", "cancelled", "completed"])
def test_an_inferred_status_is_marked_and_fits_its_column(a_run, status, end):
    run = a_run(status=status, **{end: 1.0})
    assert (status_word(run), status_phrase(run)) == (f"{end}?", f"{end} (inferred)")
    assert len(f"x {status_word(run)}") <= COLUMNS["status"].width
    assert COLUMNS["status"].value(run, CTX) == end
    assert text("note", run) == f"{f'status {status!r}' if status else 'no status'}, inferred from {end}_at"


def test_the_reason_of_a_failure_takes_the_note_of_an_inferred_status(a_run):
    run = a_run(status="", failed=1.0)
    assert note(run, replace(CTX, reasons={run.key: Reason("tool error: crm 502")})) == "tool error: crm 502"


def test_the_note_in_a_table_says_how_many_runs_failed_for_the_same_reason(a_run):
    tax, crm = Reason("'tax_rate' is not in the order", "tool a"), Reason("crm 502")
    failed, other, ended = a_run("a", "failed"), a_run("b", "failed"), a_run("c", "completed")
    reasons = {failed.key: tax, other.key: crm, ended.key: tax}
    ctx = replace(CTX, reasons=reasons, reason_counts={tax: 1204, crm: 1})
    shown = COLUMNS["note"].shown
    assert shown(failed, ctx) == "1,204× 'tax_rate' is not in the order"
    assert shown(other, ctx) == "crm 502"
    assert shown(ended, ctx) == ""
    assert shown(failed, replace(ctx, pending_actions={failed.key: "cancelling 4s"})) == "cancelling 4s"
    assert shown(failed, replace(ctx, reason_counts={})) == tax.text  # it is not counted yet
    # The count is for people alone: files, filters and orders have the text.
    assert text("note", failed, ctx) == COLUMNS["note"].value(failed, ctx) == tax.text
    assert COLUMNS["note"].order is None


def test_the_reason_of_a_failure_has_a_column(a_run):
    crm, tax = a_run("a", "failed"), a_run("b", "failed")
    unknown, ended = a_run("c", "failed"), a_run("d", "completed")
    ctx = replace(CTX, reasons={tax.key: Reason("tax"), crm.key: Reason("Crm 502"), ended.key: Reason("no")})
    assert [text("reason", run, ctx) for run in (crm, tax, unknown, ended)] == ["Crm 502", "tax", "—", "—"]
    assert COLUMNS["reason"].value(unknown, ctx) is None
    assert ids(sort_runs([ended, tax, unknown, crm], COLUMNS["reason"], ctx)) == "abcd"
    assert "reason" not in DEFAULT


@pytest.mark.parametrize(
    ("status", "total", "shown"),
    [
        ("running", 1200, "1,200+"),
        ("completed", 1200, "1,200"),
        ("queued", 0, "0"),
        ("running", None, "—"),
        ("running", 10**30, "1.0e+30+"),
    ],
)
def test_tokens_of_a_running_run_have_a_plus_sign(a_run, status, total, shown):
    assert text("tokens", a_run(status=status, usage={"total_tokens": total})) == shown


def test_an_agent_without_a_name_is_its_id(a_run):
    assert text("agent", a_run(agent_id="agent_9")) == "agent_9"
    assert text("agent", a_run(agent_id="agent_1"), replace(CTX, agents={"agent_1": ""})) == "agent_1"


def test_the_note_shows_the_most_serious_problem_of_a_run(fresh, a_run, a_thread):
    state = apply_thread(fresh(), a_thread("locked", "hold\x1ber"), at=1.0)
    rows = [a_run("w", "completed"), a_run("n"), a_run("q", "queued")]
    state, _ = apply_runs(state, rows, at=2.0, whole=True)
    state, _ = apply_runs(
        state, [a_run("w", "running", expires=900), a_run("q", "queued")], at=904.0, whole=True
    )
    ctx = replace(CTX, threads={"thr_1": state})
    assert note(a_run("w", expires=900, model=7), ctx) == "unreadable: model: expected a string, got a number"
    assert note(state.runs["w"], ctx) == "overdue by 1m 40s +1"
    assert note(a_run("w"), ctx) == "its status went backwards"
    assert note(state.runs["n"], ctx) == "not in the last answer"
    assert note(a_run("w", "weird"), ctx) == "its status went backwards"
    assert note(a_run("x", "weird"), ctx) == "unknown status"
    assert note(a_run("x", ""), ctx) == "no status"
    assert note(state.runs["q"], ctx) == "waits for hold␛er"
    assert note(a_run("hold\x1ber", "queued"), ctx) == ""
    assert note(a_run("x", "completed"), ctx) == ""
    assert note(a_run("x", "queued"), CTX) == ""
    assert text("findings", state.runs["w"], ctx) == "overdue, went_back"
    assert COLUMNS["findings"].value(state.runs["w"], ctx) == "overdue, went_back"
    assert text("findings", a_run("x", "queued"), CTX) == ""
    assert COLUMNS["findings"].value(a_run("x", "queued"), CTX) is None


def test_progress_is_the_duration_divided_by_the_usual_duration(a_run):
    ctx = replace(
        CTX,
        usual=UsualTimes(
            durations={"agent_1": DurationStats(50.0, 80.0, 3), "zero": DurationStats(0.0, 0.0, 3)}
        ),
    )
    assert progress(a_run(started=NOW - 25, agent_id="agent_1"), ctx) == 0.5
    assert progress(a_run(started=NOW - 25, agent_id="zero"), ctx) is None
    assert progress(a_run(started=NOW - 25, agent_id="agent_2"), ctx) is None
    assert progress(a_run("run_1", "queued", created=1, agent_id="agent_1"), ctx) is None


def test_a_changed_configuration_is_marked(fresh, a_run):
    runs = [a_run(name, created=at, agent_id="agent_1") for at, name in enumerate("abcd")]
    configs = {"a": "4f2a91c", "b": "4f2a91c", "c": "1b22c3d", "d": ""}
    ctx = replace(CTX, threads={"thr_1": fresh(configs=configs)})
    told = replace(ctx, lineage=Lineage(runs))
    assert [text("config", run, told) for run in runs] == ["4f2a91c", "4f2a91c", "1b22c3d *", "—"]
    assert [text("config", run, ctx) for run in runs] == ["4f2a91c", "4f2a91c", "1b22c3d", "—"]
    assert [COLUMNS["config"].value(run, told) for run in runs] == ["4f2a91c", "4f2a91c", "1b22c3d", None]
    assert len("1b22c3d *") <= COLUMNS["config"].width
    assert "config" not in DEFAULT


# --- order ----------------------------------------------------------------------------------------


def test_ties_are_sorted_by_run_id_in_both_directions(a_run):
    runs = [a_run(name, created=created) for name, created in (("c", 1), ("a", 2), ("b", 1), ("d", 1))]
    assert ids(sort_runs(runs, COLUMNS["created"], CTX)) == "bcda"
    assert ids(sort_runs(runs, COLUMNS["created"], CTX, descending=True)) == "abcd"


def test_the_same_run_id_in_two_threads_is_ordered_by_thread(a_run):
    runs = [a_run("a")._replace(thread_key=key) for key in ("t2", "t1", "t3")]
    assert [run.thread_key for run in sort_runs(runs, COLUMNS["run"], CTX)] == ["t1", "t2", "t3"]


def test_runs_with_equal_values_are_sorted_by_id_in_both_directions(a_run):
    runs = [a_run(name, created_at=900 - ord(name) % 2) for name in "fbdaec"]
    runs.insert(2, a_run("x", created_at=5))
    assert ids(sort_runs(runs, COLUMNS["created"], CTX)) == "xacebdf"
    assert ids(sort_runs(runs, COLUMNS["created"], CTX, descending=True)) == "bdfacex"


@pytest.mark.parametrize(
    ("column", "fields"),
    [
        ("agent", [{}, {"agent_id": "x"}, {"agent_id": "z"}]),
        ("model", [{}, {"model": "x"}, {"model": "z"}]),
        ("age", [{}, {"created": 900}, {"created": 800}]),
        ("time", [{}, {"started": 900}, {"started": 800}]),
        ("tokens", [{}, {"usage": {"total_tokens": 0}}, {"usage": {"total_tokens": 10**3000}}]),
        ("created", [{}, {"created": -5}, {"created": 5}]),
        ("note", [{}, {"expires": 999}, {"model": 5}]),
    ],
)
def test_unknown_values_come_last_in_both_directions(a_run, column, fields):
    runs = [a_run(name, **more) for name, more in zip("abc", fields, strict=True)]
    assert ids(sort_runs(runs, COLUMNS[column], CTX)) == "bca"
    assert ids(sort_runs(runs, COLUMNS[column], CTX, descending=True)) == "cba"


def test_statuses_are_sorted_by_a_runs_life_not_alphabetically(a_run):
    words = ["weird", "cancelled", "failed", "completed", "running", "queued"]
    runs = [a_run(word[0], word) for word in words]
    assert [run.status for run in sort_runs(runs, COLUMNS["status"], CTX)] == words[::-1]


RUNS = st.lists(
    st.fixed_dictionaries(
        {"run_id": st.text(min_size=1, max_size=3)},
        optional={
            "status": st.sampled_from(["queued", "running", "completed", "failed", "canceled", "weird", ""]),
            "agent_id": st.sampled_from(["agent_1", "zed", None]),
            "model": st.text(max_size=2) | st.none() | st.just(7),
            "created": st.none() | st.integers(-(10**9), 10**9),
            "started": st.none() | st.integers(0, 5),
            "completed": st.none() | st.integers(0, 5),
            "usage": st.fixed_dictionaries(
                {"total_tokens": st.none() | st.integers(-3, 3) | st.just(10**400)}
            ),
        },
    ),
    max_size=6,
)


@examples(100)
@given(RUNS, st.booleans(), st.randoms(use_true_random=False))
def test_sorting_ignores_the_initial_order_and_every_cell_is_one_safe_line(a_run, fields, descending, random):
    runs = list({entry["run_id"]: a_run(**entry) for entry in fields}.values())
    shuffled = random.sample(runs, len(runs))
    for column in COLUMNS.values():
        in_order = sort_runs(runs, column, CTX, descending=descending)
        assert in_order == sort_runs(shuffled, column, CTX, descending=descending)
        known = [column.value(run, CTX) is not None for run in in_order]
        assert known == sorted(known, reverse=True)
        for run in runs:
            assert column.text(run, CTX).isprintable()
