"""Reasons and their ids."""

from __future__ import annotations

from flowtui.model.reasons.reason import VERSION, reason_id, reason_of_failure, refold


def test_the_same_cause_has_the_same_reason_and_id():
    one, two = (reason_of_failure(f"timeout after {n} s", tool="search") for n in (3, 4))
    assert one == two
    assert reason_id(one) == reason_id(two) != reason_id(one, b"secret")
    assert reason_id(one) != reason_id(reason_of_failure("timeout after 3 s", tool="crm"))


def test_a_reason_of_newer_rules_cannot_be_compared():
    known = reason_of_failure("crm 502")
    assert refold(known) == known
    assert refold(known._replace(version=VERSION + 1)) is None
