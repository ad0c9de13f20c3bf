"""Which reasons of failures are new."""

from __future__ import annotations

from flowtui.model.gate.reasons import new_reasons
from flowtui.model.reasons.reason import reason_of_failure


def test_a_reason_of_the_base_is_not_new_even_with_other_numbers():
    reasons = {
        ("t", "b"): reason_of_failure("timeout after 30 s"),
        ("t", "1"): reason_of_failure("timeout after 31 s"),
        ("t", "2"): reason_of_failure("crm 502"),
        ("t", "3"): reason_of_failure("crm 502"),
        ("t", "4"): reason_of_failure("no quota"),
    }
    found, unexplained = new_reasons(
        [("t", "b"), ("t", "c")], [("t", str(number)) for number in range(1, 6)], reasons
    )
    assert [(one.text, one.runs) for one in found] == [("crm 502", 2), ("no quota", 1)]
    assert found[0].reason == reasons["t", "2"]
    assert unexplained == 1
