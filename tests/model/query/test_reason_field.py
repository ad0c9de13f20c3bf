"""Filters by the reason of a failure: what matches, what is offered while typing, and what `--redact` leaves."""

from __future__ import annotations

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.query.completion import Completer
from flowtui.model.query.query import parse
from flowtui.model.reasons.reason import Reason, reason_id

TAX = Reason("'tax_rate' is not in the order", "tool run_python")
LONG = Reason("the answer " * 12 + "ended", "model")


@pytest.fixture
def runs(a_run):
    """Five failed runs, and a completed one that has a reason from the time when the server called it failed."""
    return [*(a_run(f"run_{number}", "failed") for number in range(5)), a_run("run_5", "completed")]


@pytest.fixture
def context(runs):
    reasons = dict(zip((run.key for run in runs), (TAX, TAX, Reason("crm 502"), LONG), strict=False))
    return Context(0.0, reasons={**reasons, runs[5].key: TAX})


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("reason:tax_rate", "01"),
        ("reason:TAX", "01"),
        ("reason:502", "2"),
        ("reason=502", ""),
        ('reason="crm 502"', "2"),
        ('reason!="crm 502"', "013"),
        ("reason:/5[0-9]2$/", "2"),
        ("reason:crm*", "2"),
        (f"reason_id:{reason_id(TAX)}", "01"),
        (f"reason_id:{reason_id(Reason('crm 502'))}", "2"),
        ("has:reason", "0123"),
        ("has:reason_id", "0123"),
        ("not has:reason status:failed", "4"),
        ("not reason:tax_rate", "2345"),
        ("tax_rate", "01"),
    ],
)
def test_a_filter_looks_into_reasons_of_failed_runs(runs, context, text, numbers):
    meets = parse(text).matcher(context)
    assert "".join(run.raw_id[-1] for run in runs if meets(run)) == numbers


def test_the_text_of_a_filter_is_highlighted():
    assert parse("reason:Tax_rate").words == ("tax_rate",)


def offered(runs, context, text):
    return Completer(runs, context).complete(text, len(text)).items


def test_the_most_frequent_reasons_are_offered_with_their_counts(runs, context):
    found = [(item.label, item.shows) for item in offered(runs, context, "reason:")]
    assert found[0] == ("'tax_rate' is not in the order", 2)
    assert ("crm 502", 1) in found
    short = next(label for label, _ in found if label.startswith("the answer"))
    assert len(short) <= 80
    assert LONG.text.startswith(f"{short} ")
    for item in offered(runs, context, "reason:"):
        meets = parse(f"reason:{item.text}").matcher(context)
        assert sum(map(meets, runs)) == item.shows
    assert LONG.text not in [item.label for item in offered(runs, context, "reason=")]
    assert next(item for item in offered(runs, context, "has:rea")).shows == 4
    assert next(item for item in offered(runs, context, "rea")).note == "why it failed, once that was read"


def test_hidden_reasons_are_told_apart_by_their_ids(runs):
    hidden = [Reason("crm: [redacted]", "tool crm", hidden_id=name) for name in ("4e59e2ce69", "00aa11bb22")]
    context = Context(0.0, reasons=dict(zip((run.key for run in runs), hidden, strict=False)), redact=True)
    for text, number in (("reason:4e59e2ce69", 1), ("reason:crm", 2), ("reason:redacted", 2)):
        assert sum(map(parse(text).matcher(context), runs)) == number, text
    assert [(item.label, item.shows) for item in offered(runs, context, "reason:")] == [
        ("crm: [redacted]", 2)
    ]
