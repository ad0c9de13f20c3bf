"""Which thread was looked at the longest ago, whatever came in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtui.source.poll import last_observations as ages_module
from flowtui.source.poll.last_observations import Ages

LOOKS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 50)), max_size=80)


def test_nobody_was_looked_at():
    ages = Ages()
    assert (ages.oldest, ages.stalest(lambda _: True), len(ages), "a" in ages) == (None, None, 0, False)


@given(LOOKS, st.sets(st.sampled_from("abcdef")))
def test_it_is_the_one_with_the_earliest_last_look(looks, out):
    ages, last = Ages(), {}
    for key, at in looks:
        ages.looked(key, float(at))
        last[key] = float(at)
        assert ages.oldest == min(last.values())
    fitting = {key: at for key, at in last.items() if key not in out}
    for _ in range(2):  # asking changes nothing
        found = ages.stalest(lambda key: key not in out)
        assert (found is None) == (not fitting)
        assert found is None or fitting[found] == min(fitting.values())
        assert ages.oldest == min(last.values(), default=None)
        assert len(ages) == len(last)


def test_looks_of_the_past_are_forgotten(monkeypatch):
    monkeypatch.setattr(ages_module, "_SPARE", 10)
    ages = Ages()
    ages.looked("rests", 0.0)
    for at in range(1, 1_000):
        ages.looked("moves", float(at))
        assert len(ages._queue) <= 14
    assert (ages.oldest, ages.stalest(lambda key: key != "rests")) == (0.0, "moves")
