"""Reading sentences: what they claim, in the words of today and in others."""

from __future__ import annotations

import pytest

from .claims import read_claims


@pytest.mark.parametrize(
    ("sentence", "counts", "enders"),
    [
        (
            "2 failed: run_71, run_72; 5 runs ended; 3 completed, 2 failed",
            {"failed": 2, "ended": 5, "completed": 3},
            {"condition"},
        ),
        (
            "1 run cancelled, none failed; --timeout 40s reached, 1 run not ended; 1 cancelled, 1 running",
            {"cancelled": 1, "failed": 0, "not ended": 1, "running": 1},
            {"timeout"},
        ),
        ("1,200 tokens, more than --max-tokens 1,000; 1 queued", {"queued": 1}, {"max-tokens"}),
        ("no answer for 2m 00s: GET: 500: trouble; 4 runs are still running", {"running": 4}, {"give-up"}),
        (
            "stopped by SIGTERM; 2 completed; 1 of unknown status",
            {"completed": 2, "of unknown status": 1},
            {"signal"},
        ),
        (
            "2 runs ended, 1 not waited for; 1 overdue",
            {"ended": 2, "not waited for": 1, "overdue": 1},
            {"condition"},
        ),
    ],
)
def test_numbers_and_ends_are_read(sentence, counts, enders):
    claims = read_claims(sentence)
    assert (claims.counts, claims.enders, claims.contradictions) == (counts, enders, [])


def test_notes_shares_and_expected_runs_are_read():
    claims = read_claims(
        "too few runs came within 10s; 1 completed; 2 failed, allowed (--allow-failures 34% of 9 expected runs); "
        "1 cancelled, allowed (--allow-cancelled 50% of 4 runs); 3 of 9 expected runs came"
    )
    assert claims.notes == {"failed": "allowed", "cancelled": "allowed"}
    assert claims.shares == [(34.0, 9, True), (50.0, 4, False)]
    assert (claims.came, claims.enders) == ((3, 9), {"nothing"})
    assert read_claims("2 failed, not counted (--fail-on)").notes == {"failed": "not counted"}


def test_a_number_that_is_given_twice_must_be_the_same():
    assert read_claims("2 failed; 1 completed, 3 failed").contradictions == ["2 and 3 failed"]
