"""The same failure in another form, and other failures in nearly the same form: the pairs of `forms.json`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flowtui.model.reasons.reason import reason_of_failure, refold
from flowtui.text import safe_lines

PAIRS = json.loads((Path(__file__).parent / "forms.json").read_text(encoding="utf-8"))


@cache
def _reason(message):
    return reason_of_failure("\n".join(safe_lines(message)))


def test_the_same_failure_in_another_form_is_the_same_reason():
    assert len(PAIRS["same"]) > 200
    assert [
        (_reason(one).text, _reason(two).text) for one, two in PAIRS["same"] if _reason(one) != _reason(two)
    ] == []


def test_another_cause_is_another_reason():
    assert len(PAIRS["different"]) > 80
    assert [(one, two) for one, two in PAIRS["different"] if _reason(one) == _reason(two)] == []


def test_folding_such_a_reason_again_changes_nothing():
    reasons = {_reason(message) for pairs in PAIRS.values() for pair in pairs for message in pair}
    assert {reason: refold(reason) for reason in reasons if refold(reason) != reason} == {}
