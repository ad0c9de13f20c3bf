"""The sentences of the brief name what happened in a simulated night, and nothing else."""

from __future__ import annotations

from datetime import UTC

import pytest

from flowtui.model.answers.brief.releases import releases
from flowtui.model.answers.brief.sentences import MOST, sentences
from flowtui.model.answers.brief.wording import told

from . import nights
from .brief_world import brief_input
from .nights import NIGHTS


def check(night, seed):
    world = night.make(seed)
    data = brief_input(world, nights.SINCE, nights.NOW, begin=nights.BEGIN)
    said = sentences(data, releases(data.marks, data.since, data.until))
    words = " ".join(told(one, data, UTC).text for one in said).lower()
    assert tuple(one.kind for one in said) == night.kinds, words
    assert [name for name in night.names if name.lower() not in words] == []
    assert [name for name in (*night.never, *nights.CAUSES) if name.lower() in words] == []
    assert len(said) <= MOST
    for reason, keys in world.hit.items():
        one = next(each for each in said if each.reason == reason)
        whose = {key for key in one.keys if world.why[key] == reason}
        assert len(whose) >= 0.9 * len(keys), (seed, reason)


QUICK = ("a release that was rolled back", "three at once")


@pytest.mark.parametrize(
    "night",
    [pytest.param(each, marks=[] if each.name in QUICK else pytest.mark.slow) for each in NIGHTS],
    ids=lambda night: night.name,
)
def test_the_sentences_name_what_the_night_did_and_nothing_else(night):
    check(night, 1)


@pytest.mark.slow
@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: night.name)
def test_they_do_so_whatever_else_chance_does_in_the_night(night):
    for seed in range(1000, 1008):
        check(night, seed)
