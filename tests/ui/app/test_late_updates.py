"""What takes updates in late gets all of them, each once, in their order."""

from __future__ import annotations

import asyncio

import pytest

from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.app.late_updates import LateUpdates


def updates(count):
    return [Update(Snapshot(float(number), {})) for number in range(count)]


def test_updates_wait_until_they_are_handed_over_and_others_that_come_meanwhile_follow_them():
    taken, (first, second, third) = [], updates(3)

    def take(update):
        if update is first:
            late.add(third)
        taken.append(update)

    late = LateUpdates(take)
    late.add(first)
    late.add(second)
    assert late
    assert taken == []
    asyncio.run(late.hand_over())
    assert taken == [first, second, third]
    assert not late


@pytest.mark.parametrize("count", [64, 65, 200])
def test_at_most_64_wait_and_the_oldest_are_handed_over_first(count):
    taken, came = [], updates(count)
    late = LateUpdates(taken.append)
    for update in came:
        late.add(update)
    assert taken == came[: count - 64]
    asyncio.run(late.hand_over())
    assert taken == came
