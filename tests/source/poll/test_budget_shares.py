"""How the request budget is divided among moving threads, the list and spans, and resting threads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.source.poll.budget_shares import CEILING, MAX_STRETCH, Bucket, Load, share_budget

CALM = Load(2, 0, 212, 0, 4, used=90, discovering=True, asking=True)


def spent(shares, load, *, hot=False):
    """Return the requests a minute that the shares lead to."""
    a_second = load.moving / shares.moving + load.lingering / shares.lingering
    a_second += load.list_pages / shares.listing + (1 / shares.spans if load.asking else 0)
    return 60 * (a_second + (shares.hot if hot else shares.steady))


def test_two_of_214_threads_stay_under_120_requests_a_minute():
    shares = share_budget(2.0, 30.0, 300, CALM)
    assert shares.moving == 2.0
    assert spent(shares, CALM) < 115
    assert shares.spans < 10
    assert shares.listing < 60


def test_first_observations_of_214_threads_fit_into_five_minutes():
    load = CALM._replace(waiting=212)
    shares = share_budget(2.0, 30.0, 120, load)
    assert 212 / shares.hot < 280
    assert spent(shares, load, hot=True) < 112
    assert 2.0 < shares.moving <= 2.0 * MAX_STRETCH < 4.0


def test_without_spans_the_round_gets_all_requests_that_are_left():
    load = CALM._replace(discovering=False, asking=False)
    shares = share_budget(2.0, 30.0, 300, load)
    assert shares.moving == pytest.approx(2.0)
    assert shares.turn < 80
    assert spent(shares, load) < 300
    assert share_budget(2.0, 30.0, 10_000, load).turn == 30.0, "not shorter than the wished interval"


def test_the_round_is_slowed_down_before_moving_threads_are():
    busy = share_budget(2.0, 30.0, 300, CALM._replace(used=CEILING))
    calm = share_budget(2.0, 30.0, 300, CALM)
    assert busy.steady < calm.steady
    assert busy.turn == calm.turn, "the promised length is that of the slow round"
    assert share_budget(2.0, 30.0, 300, CALM._replace(moving=60)).steady > 0


def test_a_few_threads_get_their_wished_interval():
    shares = share_budget(2.0, 30.0, 300, Load(1, 0, 5, 0, 3, used=40, discovering=True, asking=True))
    assert 5 / shares.steady == pytest.approx(30.0)


counts = st.integers(0, 3000)


@given(
    st.builds(Load, counts, counts, counts, counts, st.integers(1, 60), counts, st.booleans(), st.booleans()),
    st.floats(0.5, 600), st.floats(0.5, 600), st.integers(1, 10_000),
)  # fmt: skip
def test_any_load_fits_into_the_budget_and_no_thread_starves(load, interval, quiet, budget):
    shares = share_budget(interval, max(interval, quiet), budget, load)
    assert spent(shares, load, hot=bool(load.waiting)) <= budget * 1.001
    assert shares.moving >= interval * 0.999
    assert shares.hot > 0
    assert (shares.steady > 0) == (load.resting > 0)


def test_a_bucket_allows_a_burst_and_then_its_rate():
    bucket = Bucket(300)
    made = 0
    while bucket.wait(0.0, 2.0) == 0:
        bucket.take()
        made += 1
    assert made == 15
    assert bucket.wait(0.0, 2.0) == pytest.approx(0.5)
    assert bucket.wait(0.5, 2.0) == 0
    bucket.take(4)
    assert bucket.wait(0.5, 2.0) == pytest.approx(2.0), "a negative level is refilled first"
    bucket.take(10_000)
    assert bucket.wait(0.5, 2.0) < 20, "the level has a lower limit"
