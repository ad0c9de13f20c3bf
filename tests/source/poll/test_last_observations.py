"""Which thread was observed longest ago."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtui.source.poll import last_observations as ages_module
from flowtui.source.poll.last_observations import LastObservations

LOOKS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 50)), max_size=80)


def test_before_the_first_observation_no_thread_is_the_stalest():
    last_observations = LastObservations()
    assert (
        last_observations.oldest,
        last_observations.stalest(lambda _: True),
        len(last_observations),
        "a" in last_observations,
    ) == (None, None, 0, False)


@given(LOOKS, st.sets(st.sampled_from("abcdef")))
def test_the_stalest_thread_has_the_earliest_observation(looks, out):
    last_observations, last = LastObservations(), {}
    for key, at in looks:
        last_observations.observed(key, float(at))
        last[key] = float(at)
        assert last_observations.oldest == min(last.values())
    fitting = {key: at for key, at in last.items() if key not in out}
    for _ in range(2):  # a second call returns the same
        found = last_observations.stalest(lambda key: key not in out)
        assert (found is None) == (not fitting)
        assert found is None or fitting[found] == min(fitting.values())
        assert last_observations.oldest == min(last.values(), default=None)
        assert len(last_observations) == len(last)


def test_outdated_observations_are_dropped(monkeypatch):
    monkeypatch.setattr(ages_module, "_SPARE", 10)
    last_observations = LastObservations()
    last_observations.observed("rests", 0.0)
    for at in range(1, 1_000):
        last_observations.observed("moves", float(at))
        assert len(last_observations._queue) <= 14
    assert (last_observations.oldest, last_observations.stalest(lambda key: key != "rests")) == (0.0, "moves")
