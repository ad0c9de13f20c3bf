"""Which threads are read further back, one at a time."""

from __future__ import annotations

from flowtui.source.read.deepening import Deepening


def test_a_wish_is_new_once_and_ends_when_nothing_is_left_out():
    deepening = Deepening()
    assert deepening.want(["a", "b"]) == ["a", "b"]
    assert deepening.want(["b", "c"]) == ["c"]
    deepening.ended("a", short=True)
    deepening.ended("b", short=False)
    assert deepening.wanted == {"a", "c"}


def test_without_a_wish_one_thread_at_a_time_is_read_while_that_is_cheap():
    deepening = Deepening()
    assert not deepening.now("a", cheap=False)
    assert deepening.now("a", cheap=True)
    assert deepening.now("a", cheap=True)
    assert not deepening.now("b", cheap=True)
    deepening.ended("a")
    assert deepening.now("b", cheap=True)
