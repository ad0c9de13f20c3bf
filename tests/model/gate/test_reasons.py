"""Folded reasons of failures, and which of them are new."""

from __future__ import annotations

import pytest

from flowtui.model.gate.reasons import fold_reason, new_reasons


@pytest.mark.parametrize(
    ("reason", "same"),
    [
        ("tool error: crm 502", "tool error: crm 502"),
        ("HTTP 503 Service Unavailable", "HTTP 503 Service Unavailable"),
        ("crm 502: upstream took 12.5 s", "crm 502: upstream took # s"),
        ("timeout after 500 ms", "timeout after # ms"),
        ("run_71 of thread thr-9a died", "# of thread # died"),
        ("no row 7d8f0a9b-1c2d-4e5f-8a9b-0c1d2e3f4a5b", "no row #"),
        ("commit deadbeef12 at 0x7ffe", "commit # at #"),
        ("rate_limit   reached", "rate_limit reached"),
        ("line 404.5", "line #"),
    ],
)
def test_numbers_and_ids_are_replaced_and_status_codes_stay(reason, same):
    assert fold_reason(reason) == same


def test_a_reason_of_the_base_is_not_new_even_with_other_numbers():
    reasons = {
        ("t", "b"): "timeout after 30 s",
        ("t", "1"): "timeout after 31 s",
        ("t", "2"): "crm 502",
        ("t", "3"): "crm 502",
        ("t", "4"): "no quota",
    }
    found, unexplained = new_reasons(
        [("t", "b"), ("t", "c")], [("t", str(number)) for number in range(1, 6)], reasons
    )
    assert [tuple(one) for one in found] == [("crm 502", 2), ("no quota", 1)]
    assert unexplained == 1
