"""Costs of runs and token usage. Sums cover what is known, and are lower bounds if something is missing."""

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.formatting import money
from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.columns.context import Context
from flowtui.model.run.cost import (
    Cost,
    Waste,
    cost,
    costs,
    waste,
)
from flowtui.model.view.sorting import sort_runs

PRICES = Prices({"llama": Price(2.0, 10.0), "flat": Price(4.0, 4.0), "free": Price(0.0, 0.0)}, "EUR")


def usage(prompt=None, completion=None, total=None):
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}


@pytest.fixture
def spent(a_run):
    """Return a function that makes an ended run with these tokens and this model."""

    def make(name, tokens=None, model="llama", status="completed", **fields):
        return a_run(name, status, model=model, usage=usage(*tokens) if tokens else None, **fields)

    return make


def test_prompt_and_completion_tokens_have_separate_prices(spent):
    assert cost(spent("a", (100_000, 50_000, 150_000)), PRICES) == Cost(0.7, floor=False)
    assert cost(spent("a", (0, 0, 0)), PRICES) == Cost(0.0, floor=False)
    assert cost(spent("a", (5, 5, 10), "free"), PRICES) == Cost(0.0, floor=False)


@pytest.mark.parametrize(
    ("tokens", "model", "amount", "floor"),
    [
        ((100_000, None, None), "llama", 0.2, True),
        ((None, 100_000, None), "llama", 1.0, True),
        ((None, None, 100_000), "llama", 0.2, True),
        ((None, None, 100_000), "flat", 0.4, False),
    ],
)
def test_a_partly_reported_usage_gives_a_lower_bound(spent, tokens, model, amount, floor):
    assert cost(spent("a", tokens, model), PRICES) == Cost(pytest.approx(amount), floor)


def test_the_cost_of_a_running_run_is_a_lower_bound(spent):
    assert cost(spent("a", (10, 10, 20), status="running"), PRICES).floor


def test_without_price_or_usage_the_cost_is_unknown(spent):
    assert cost(spent("a", (10, 10, 20), "gpt"), PRICES) is None
    assert cost(spent("a", (10, 10, 20)), None) is None
    assert cost(spent("a"), PRICES) is None
    assert cost(spent("a", (10**400, 1, 1)), PRICES) is None


def test_a_sum_says_how_many_runs_lack_a_price_or_usage(spent):
    known = [spent("a", (100_000, 20_000, 120_000)), spent("b", (5_000, 0, 5_000))]
    total = costs(known, PRICES).total
    assert (total.text(), total.priced, total.floor) == ("€0.41", 2, False)
    total = costs([*known, spent("c", (1, 1, 2), "gpt")], PRICES).total
    assert (total.text(), total.unpriced, total.unreported) == ("≥€0.41", 1, 0)
    total = costs([*known, spent("c")], PRICES).total
    assert (total.text(), total.unpriced, total.unreported) == ("≥€0.41", 0, 1)
    total = costs([*known, spent("c", (0, 0, 0), status="running")], PRICES).total
    assert (total.text(), total.partial) == ("≥€0.41", 1)


def test_a_queued_run_without_usage_costs_nothing(spent):
    total = costs([spent("a", (5_000, 0, 5_000)), spent("b", status="queued")], PRICES).total
    assert (total.text(), total.priced, total.unreported) == ("€0.01", 1, 0)


@pytest.mark.parametrize("prices", [None, Prices({})])
def test_the_sum_is_unknown_if_no_run_has_a_known_cost(spent, prices):
    found = costs([spent("a", (1, 1, 2)), spent("b")], prices)
    assert (found.total.text(), found.total.amount, found.wasted.text()) == ("—", None, "—")
    assert costs([], PRICES).total.text() == "—"


def test_tokens_of_failed_and_cancelled_runs_are_wasted(spent):
    runs = [
        spent("a", (100_000, 0, 100_000)),
        spent("b", (200_000, 0, 200_000), status="failed"),
        spent("c", (300_000, 0, 300_000), status="cancelled"),
        spent("d", status="failed"),
    ]
    found = costs(runs, PRICES)
    assert (found.total.text(), found.wasted.text()) == ("≥€1.20", "≥€1.00")
    assert (found.wasted.priced, found.wasted.unreported) == (2, 1)


def test_waste_is_0_without_failed_runs_and_unknown_if_none_of_them_reported(spent):
    done = spent("a", (1, 1, 2))
    assert waste([done]) == Waste(0, 0)
    assert waste([done, spent("b", status="failed")]) == Waste(None, 1)
    found = [done, spent("b", (1, 2, 3), status="failed"), spent("c", status="cancelled")]
    assert waste(found) == Waste(3, 1)


def test_the_cost_column_is_not_shown_at_first_and_unknown_without_prices(spent):
    column = COLUMNS["cost"]
    assert "cost" not in DEFAULT
    known, running, unknown = spent("a", (100_000, 20_000, 120_000)), spent("b", (9, 9, 18)), spent("c")
    context = Context(now=0.0, prices=PRICES)
    assert [column.text(run, context) for run in (known, running, unknown)] == ["€0.40", "<€0.01", "—"]
    assert column.value(known, context) == pytest.approx(0.4)
    assert column.text(known, Context(now=0.0)) == "—"
    order = sort_runs([unknown, known, running], column, context, descending=True)
    assert [run.id for run in order] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "—"),
        (float("nan"), "—"),
        (float("inf"), "—"),
        (0, "$0.00"),
        (0.0004, "<$0.01"),
        (0.0099, "<$0.01"),
        (0.01, "$0.01"),
        (0.41, "$0.41"),
        (9_999.99, "$9,999.99"),
        (12_345.0, "$12.3k"),
        (1.2e9, "$1.2G"),
    ],
)
def test_money_is_formatted(amount, text):
    assert money(amount) == text


def test_money_in_other_currencies_and_lower_bounds():
    assert money(0.41, "EUR") == money(0.41, "€") == "€0.41"
    assert money(0.41, "CHF") == "CHF 0.41"
    assert money(0.41, floor=True) == "≥$0.41"
    assert money(0.0004, floor=True) == ">$0.00"
    assert money(None, floor=True) == "—"
