"""Groups of runs: their totals, names and order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.config.values.prices import Price, Prices
from flowtui.model.columns.context import Context
from flowtui.model.run.cost import costs
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.totals import totals
from flowtui.model.view.groups import EVERYTHING, GROUPINGS, Grouper, Grouping, group_name, keep_order

from ...examples import examples

NOW = 1000.0
AGENTS = {"agent_1": "Checkout", "agent_2": "Straße"}
PRICES = Prices({"qwen": Price(2.0, 6.0)})
WORDS = ["queued", "running", "completed", "failed", "canceled", "dreaming"]


@pytest.fixture
def context():
    states = {key: ThreadState(key, interval=2.0) for key in ("thr_2", "thr_1", "thr_3")}
    return Context(NOW, AGENTS, states)


def groups(runs, by, context):
    threads = {run.thread_key: {} for run in runs}
    for run in runs:
        threads[run.thread_key][run.raw_id] = run
    states = {key: ThreadState(key, 2.0, runs=own) for key, own in threads.items()}
    snapshot = Snapshot(NOW, {**context.threads, **states}, context.agents)
    return Grouper().of(snapshot, Grouping(by), context)


def keys(found):
    return [group.key for group in found]


@pytest.fixture
def busy(a_run):
    """Return two agents, one with a failed run and one with an active run, and a run of an unknown agent."""
    return [
        a_run("a", "failed", agent_id="agent_1", created=1.0, started=2.0, failed=4.0),
        a_run("b", "completed", agent_id="agent_1", started=10.0, completed=40.0),
        a_run("c", "completed", agent_id="agent_1", started=10.0, completed=20.0),
        a_run("d", "running", agent_id="agent_2", created=500.0, usage={"total_tokens": 7}),
        a_run("e", "canceled", agent_id="", created=3.0),
    ]


def test_a_group_has_the_totals_of_its_runs(busy, context):
    everything, alive, failing, unnamed = groups(busy, "agent", context)
    assert (everything.key, everything.name, everything.totals) == (None, "all agents", totals(busy))
    assert (alive.key, alive.name, alive.last, alive.usual) == ("agent_2", "Straße", 500.0, None)
    assert (alive.totals.total, alive.totals.reported, alive.totals.active) == (7, 1, 1)
    assert (failing.name, failing.ended, failing.usual, failing.last) == ("Checkout", 3, 20.0, 40.0)
    assert failing.failure_rate == pytest.approx(1 / 3)
    assert failing.totals.total is None
    assert (unnamed.key, unnamed.name, unnamed.failure_rate) == ("", "—", 0.0)
    assert alive.failure_rate is None
    assert (everything.usual, everything.last) == (20.0, 500.0)
    assert {group.cost for group in groups(busy, "agent", context)} == {None}


def test_only_durations_of_completed_runs_count_for_the_usual_duration(a_run, context):
    runs = [
        a_run("a", "completed", started=50.0, completed=40.0),
        a_run("b", "completed", completed=40.0),
        a_run("c", "failed", started=1.0, failed=40.0),
        a_run("d", "running", started=1.0),
    ]
    assert groups(runs, "model", context)[0].usual is None


def test_threads_are_in_the_order_in_which_they_became_known(a_run, context):
    found = groups([a_run("a", "running")], "thread", context)
    assert keys(found) == [None, "thr_2", "thr_1", "thr_3"]
    assert [group.totals.runs for group in found] == [1, 0, 1, 0]


def test_statuses_are_in_the_order_of_a_runs_life_and_unknown_is_listed_only_if_it_occurs(a_run, context):
    life = [None, "queued", "running", "completed", "failed", "cancelled"]
    assert keys(groups([], "status", context)) == life
    assert keys(groups([a_run("a", "dreaming")], "status", context)) == [*life, "unknown"]


def test_agents_and_models_are_sorted_by_active_then_failed_then_name(a_run, context):
    made = {
        "quiet": ["completed"],
        "failing": ["failed", "failed"],
        "alive": ["running"],
        "Busy": ["queued", "running"],
        "also-quiet": ["completed"],
    }
    runs = [
        a_run(f"{model}{place}", word, model=model)
        for model, words in made.items()
        for place, word in enumerate(words)
    ]
    wanted = [None, "Busy", "alive", "failing", "also-quiet", "quiet"]
    assert keys(groups(runs, "model", context)) == wanted
    assert keys(groups(runs[::-1], "model", context)) == wanted


def test_agents_with_the_same_name_show_their_ids(a_run, context):
    context.agents["agent_3"] = "Checkout"
    runs = [a_run(agent, agent_id=agent) for agent in ("agent_1", "agent_2", "agent_3", "agent_9")]
    assert {group.name for group in groups(runs, "agent", context)[1:]} == {
        "Checkout (agent_1)",
        "Checkout (agent_3)",
        "Straße",
        "agent_9",
    }


def test_groups_already_shown_keep_their_place_and_new_ones_follow(busy, context):
    found = groups(busy, "agent", context)
    assert keys(keep_order(found, [None, "agent_1", "agent_2"])) == [None, "agent_1", "agent_2", ""]
    assert keep_order(found, []) == found


def test_names_are_safe_to_show_and_never_empty(context):
    assert group_name("thread", "thr_\x1b", context) == "thr_␛"
    assert group_name("thread", "thr_1", context) == "thr_1"
    assert group_name("agent", "agent_2", context) == "Straße"
    assert [group_name(by, "", context) for by in ("agent", "model")] == ["—", "—"]


def test_the_next_grouping_has_no_chosen_group():
    seen, grouping = [], Grouping("thread", "thr_1")
    for _ in GROUPINGS:
        grouping = grouping.next()
        seen.append(grouping)
    assert [each.by for each in seen] == ["agent", "model", "status", "thread"]
    assert {each.member for each in seen} == {None}
    assert grouping == EVERYTHING


def test_a_chosen_group_is_listed_even_without_runs(busy, context):
    snapshot = Snapshot(NOW, {"thr_1": ThreadState("thr_1", interval=2.0, runs={r.raw_id: r for r in busy})})
    found = Grouper().of(snapshot, Grouping("model", "gone"), context)
    assert {group.key: group.totals.runs for group in found} == {None: 5, "": 5, "gone": 0}


def test_unchanged_groups_are_not_computed_again(busy, context):
    tally, chosen = Grouper(), Grouping("agent")
    state = ThreadState("thr_1", interval=2.0, runs={run.raw_id: run for run in busy})
    first = tally.of(Snapshot(NOW, {"thr_1": state}, AGENTS), chosen, context)
    assert tally.of(Snapshot(NOW + 9, {"thr_1": state}, AGENTS), chosen, context) is first
    runs = {**state.runs, "d": busy[3]._replace(total_tokens=8)}
    moved = ThreadState("thr_1", interval=2.0, runs=runs)
    second = tally.of(Snapshot(NOW, {"thr_1": moved}, AGENTS), chosen, context)
    before, after = ({group.key: group for group in found} for found in (first, second))
    assert after["agent_1"] is before["agent_1"]
    assert after["agent_2"].totals.total == after[None].totals.total == 8
    renamed = tally.of(Snapshot(NOW, {"thr_1": moved}, {"agent_1": "Other"}), chosen, context)
    assert {group.name for group in renamed} == {"all agents", "Other", "agent_2", "—"}
    assert second == groups(list(runs.values()), "agent", context)


numbers = st.none() | st.integers(0, 10**7)
times = st.none() | st.floats(0, 2000)


@st.composite
def rows(draw, a_run):
    found = []
    for number in range(draw(st.integers(0, 12))):
        usage = {
            name: value
            for name in ("prompt_tokens", "completion_tokens", "total_tokens")
            if (value := draw(numbers)) is not None
        }
        run = a_run(
            f"run_{number}",
            draw(st.sampled_from(WORDS)),
            agent_id=draw(st.sampled_from(["agent_1", "agent_2", "agent_9", ""])),
            model=draw(st.sampled_from(["qwen", "llama", ""])),
            usage=usage or None,
            **{name: at for name in ("created", "started", "completed") if (at := draw(times)) is not None},
        )
        found.append(run._replace(thread_key=draw(st.sampled_from(["thr_1", "thr_2"]))))
    return found


@examples(60)
@given(st.data())
def test_sums_over_groups_are_sums_over_runs_for_every_grouping(a_run, data):
    runs = data.draw(rows(a_run))
    context = Context(NOW, AGENTS, {}, prices=PRICES)
    cost = costs(runs, PRICES).total
    for by in GROUPINGS:
        everything, *each = groups(runs, by, context)
        assert everything.totals == totals(runs)
        assert everything.cost._replace(amount=None) == cost._replace(amount=None)
        assert (everything.cost.amount is None) == (cost.amount is None)
        assert (everything.cost.amount or 0.0) == pytest.approx(cost.amount or 0.0)
        assert len(set(keys(each))) == len(each)
        for name in ("runs", "reported", "active", "failed", "ended"):
            assert sum(getattr(group.totals, name) for group in each) == getattr(totals(runs), name)
        for name in ("prompt", "completion", "total"):
            told = [value for group in each if (value := getattr(group.totals, name)) is not None]
            assert (sum(told) if told else None) == getattr(totals(runs), name)
        for group in each:
            mine = list(filter(Grouping(by, group.key).holds, runs))
            assert group.totals == totals(mine)
        assert everything.last == max((group.last for group in each if group.last is not None), default=None)
