"""Completion of filters: what is offered, how many runs it would show, and the text after accepting it."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowtui.errors import QueryError
from flowtui.model.columns.context import Context
from flowtui.model.query.completion import MOST, Completer, accept
from flowtui.model.query.completion_values import MAX_CHEAP, MAX_COSTLY
from flowtui.model.query.fields import ALIASES, FIELDS, HAS_TESTS
from flowtui.model.query.query import LONGEST, parse
from flowtui.model.state.known_runs import ThreadState

from ...examples import examples

NOON = 1795521600.0  # 2026-11-24 12:00:00 UTC
QUICK = examples(200)
AGENTS = {"agent_1": "check", "agent_2": "Check out", "agent_3": 'say "hi"', "agent_4": "50*"}


@pytest.fixture(scope="module")
def runs(a_run):
    kinds = ["completed"] * 5 + ["failed"] * 3 + ["running", "queued", "canceled", "in_progress"]
    return [
        a_run(
            f"run_{number:02}",
            status,
            agent_id=f"agent_{number % 4 + 1}",
            model="meta/Llama-3" if number % 2 else "qwen*2",
            created=NOON - 60 * number,
            usage={"total_tokens": 500 * number},
        )
        for number, status in enumerate(kinds)
    ]


@pytest.fixture(scope="module")
def context(runs):
    state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs}, observed=NOON)
    return Context(NOON, AGENTS, {"thr_1": state}, UTC)


@pytest.fixture(scope="module")
def offer(runs, context):
    """Return the function that completes a text in which | is the cursor."""
    completer = Completer(runs, context)

    def offered(text, history=()):
        before, _, after = text.partition("|")
        return completer.complete(before + after, len(before), history)

    return offered


def _counts(found):
    return {item.label: item.shows for item in found.items}


def _accepted(text, found, label):
    before, _, after = text.partition("|")
    item = next(item for item in found.items if item.label == label)
    text, cursor = accept(before + after, found, item)
    return f"{text[:cursor]}|{text[cursor:]}"


# -- what is offered -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("|", ["status", "agent"]),
        ("stat|", ["status"]),
        ("status|", ["status:", "status=", "status!="]),
        ("age|", ["age<", "age>"]),
        ("is_active|", ["is_active=true", "is_active=false"]),
        ("age:|", ["age<", "age>"]),
        ("status:|", ["completed", "failed"]),
        ("status:ta|", []),
        ("status:a|", ["active"]),
        ("age<|", ["10s", "1m"]),
        ("age<5|", ["5s", "5m", "5h", "5d"]),
        ("tokens>2|", ["2k", "2M"]),
        ("created>|", ["now-10m", "now-1h"]),
        ("is_active=|", ["false", "true"]),
        ("has:over|", ["overdue"]),
        ("findings:over|", ["overdue"]),
        ("fail|", ["failed_at", "status:failed"]),
        ("llam|", ["model:meta/Llama-3"]),
        ("status:failed |", ["and", "or", "not"]),
        ("(status:failed)|", ["and", "or", "not"]),
        ("not |", ["status", "agent"]),
        ("status:failed or |", ["status", "agent"]),
        ("(|", ["status", "agent"]),
        ("!stat|", ["status"]),
        ("total_t|", ["total_tokens"]),
        ("sta|:failed", ["status"]),
    ],
)
def test_the_best_completion_comes_first(offer, text, first):
    labels = [item.label for item in offer(text).items]
    assert labels[: len(first)] == first
    assert bool(labels) == bool(first)


@pytest.mark.parametrize(
    "text",
    [
        "/fai|",
        "/fai|/",
        '"fai|',
        '"fai|"',
        "note:/fai|/",
        "nope:|",
        'agent:"check"|',
        "status>|",
    ],
)
def test_nothing_is_offered_in_regexes_quotes_and_unknown_fields(offer, text):
    assert offer(text).items == ()


def test_the_beginning_of_any_field_alias_or_has_name_offers_it(offer):
    for name in (*FIELDS, *ALIASES):
        assert name in _counts(offer(f"{name[:-1]}|")), name
    for name in HAS_TESTS:
        assert name in _counts(offer(f"has:{name[:-1]}|")), name


def test_values_that_begin_with_the_text_come_before_those_that_contain_it(offer, a_run):
    labels = [item.label for item in offer("status:c|").items]
    assert labels == ["completed", "cancelled", "active"]


def test_recent_filters_come_first_in_an_empty_box_only(offer):
    history = ["status:failed agent:check", "age<1h"]
    found = offer("|", history)
    assert [item.label for item in found.items[:3]] == [*history, "status"]
    assert _accepted("|", found, history[0]) == "status:failed agent:check|"
    assert [item.label for item in offer(" |", history).items[:1]] == history[:1]
    assert offer("a|", history).items[0].label not in history


# -- how many runs it would show -------------------------------------------------------------------------------


TEXTS = [
    "status:|",
    "status=|",
    "status!=|",
    "agent:|",
    "agent=|",
    "agent!=|",
    "model:|",
    "run:|",
    "thread:|",
    "age<|",
    "age>=|",
    "age=|",
    "age!=|",
    "tokens<=|",
    "tokens>|",
    "created>=|",
    "created<|",
    "created=|",
    "created!=|",
    "is_active=|",
    "findings:|",
    "findings=|",
    "has:|",
    "status:failed agent:|",
    "agent:check and status:|",
    "status:| agent:check",
    "status:| and tokens>1k",
    "status:completed not agent:check age<|",
    "completed agent:|",
    'agent:"ch|',
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_count_is_the_number_of_runs_that_the_filter_shows(offer, runs, context, text):
    found = offer(text)
    assert found.items
    assert not found.floor
    counted = 0
    for item in found.items:
        if item.shows is None:
            continue
        whole = _accepted(text, found, item.label).replace("|", "")
        wanted = parse(whole).matcher(context)
        assert item.shows == sum(map(wanted, runs)), whole
        counted += 1
    assert counted


def test_other_conditions_do_not_affect_counts_if_the_filter_has_or_or_parentheses(offer):
    everything = _counts(offer("status:|"))
    assert _counts(offer("agent:check or status:|")) == everything
    assert _counts(offer("(agent:check) status:|")) == everything
    assert _counts(offer("not status:|")) == everything


def test_counts_are_a_minimum_if_there_are_too_many_runs(a_run):
    few = [a_run("run_1", "failed")]
    context = Context(NOON)
    assert not Completer(few * MAX_COSTLY, context).complete("has:", 4).floor
    assert Completer(few * (MAX_COSTLY + 1), context).complete("has:", 4).floor
    assert not Completer(few * MAX_CHEAP, context).complete("status:", 7).floor
    found = Completer(few * (MAX_CHEAP + 1), context).complete("status:", 7)
    assert found.floor
    assert found.items[0].shows == MAX_CHEAP


def test_values_and_fields_are_offered_even_if_there_are_no_runs():
    found = Completer([], Context(NOON)).complete("status:", 7)
    assert _counts(found)["failed"] == 0
    assert Completer([], Context(NOON)).complete("", 0).items


def test_the_number_of_completions_is_bounded(a_run):
    many = [a_run(f"run_{number}", "failed") for number in range(3 * MOST)]
    assert len(Completer(many, Context(NOON)).complete("run:", 4).items) == MOST


# -- accepting -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label", "after"),
    [
        ("stat|", "status", "status:|"),
        ("ag|", "age", "age|"),
        ("age|", "age<", "age<|"),
        ("age:|", "age<", "age<|"),
        ("status:fa|", "failed", "status:failed |"),
        ("status:fa|iled agent:check", "failed", "status:failed |agent:check"),
        ("(status:fa|)", "failed", "(status:failed|)"),
        ("agent: |", "check", "agent:check |"),
        ("agent:|", "Check out", 'agent:"Check out" |'),
        ('agent:"check o|', "Check out", 'agent:"Check out" |'),
        ('agent:"check o|ut" failed', "Check out", 'agent:"Check out" |failed'),
        ("agent:|", 'say "hi"', r'agent:"say \"hi\"" |'),
        ("agent:|", "50*", 'agent:"50*" |'),
        ("agent_id=|", "50*", "agent_id=50* |"),
        ("sta|tus:failed", "status", "status|:failed"),
        ("a| b", "agent", "agent:| b"),
        ("fail|", "status:failed", "status:failed |"),
        ("status:failed o|", "or", "status:failed or |"),
        ("age < |", "10m", "age < 10m |"),
        ("!stat|", "status", "!status:|"),
    ],
)
def test_accepting_replaces_the_typed_text_and_moves_the_cursor(offer, text, label, after):
    assert _accepted(text, offer(text), label) == after


PIECES = st.sampled_from(
    [
        "crm",
        "status:failed",
        "agent=check",
        'agent:"Check out"',
        "age<10m",
        "not tokens>2k",
        "/5[0-9]/",
        "(a or b)",
        "has:error",
        '"and"',
    ]
)
JOINS = st.sampled_from([" ", " and ", " or ", "  "])
BEGUN = st.sampled_from(
    [
        "",
        "s",
        "stat",
        "status:",
        "status:f",
        "agent:",
        'agent:"c',
        "agent=",
        "has:",
        "has:o",
        "age",
        "age<",
        "tokens>2",
        "created>",
        "created:",
        "is_active=",
        "not ",
        "!",
        "(",
        "note:",
        "run:",
        "findings:",
        "time:",
        "model!=",
        "xx",
    ]
)


@st.composite
def begun_filters(draw):
    """The text of a filter that is being typed, and the cursor."""
    before = "".join(draw(PIECES) + draw(JOINS) for _ in range(draw(st.integers(0, 2))))
    after = "".join(draw(JOINS) + draw(PIECES) for _ in range(draw(st.integers(0, 2))))
    begun = draw(BEGUN)
    return before + begun + after, len(before + begun)


CONTINUED = ("", "status", "x", "true", "1", "<1", "now", "<now", "=true", "status:failed", ":x")


def _can_go_on(head, tail):
    closing = ")" * (head.count("(") + tail.count("(") - head.count(")") - tail.count(")"))
    for more in CONTINUED:
        try:
            parse(f"{head}{more}{tail}{closing}")
        except QueryError:
            continue
        return True
    return False


@given(begun_filters())
@QUICK
def test_accepting_a_completion_never_makes_a_filter_wrong(offer, filter_and_cursor):
    text, cursor = filter_and_cursor
    found = offer(f"{text[:cursor]}|{text[cursor:]}")
    for item in found.items:
        now, at = accept(text, found, item)
        assert _can_go_on(now[:at], now[at:]), (text, item)


@given(
    st.text(alphabet=st.sampled_from('status:fale<>=!"/\\()ndor ?*10mß\n'), max_size=40), st.integers(-3, 45)
)
@example('a"', 2)
@example("x:" * 20, 1)
@example("a " * LONGEST, 5)
@QUICK
def test_any_text_and_any_cursor_can_be_completed(offer, runs, context, text, cursor):
    found = Completer(runs, context).complete(text, cursor)
    assert 0 <= found.start <= found.end <= len(text)
    assert len(found.items) <= MOST
    for item in found.items:
        now, at = accept(text, found, item)
        assert now.startswith(text[: found.start] + item.text)
        assert now.endswith(text[found.end :])
        assert found.start <= at <= len(now)
        assert len(now) <= LONGEST
