"""Folded texts of failures."""

from __future__ import annotations

import pytest

from flowtui.model.reasons.folding import fold_text


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
    assert fold_text(reason) == same
