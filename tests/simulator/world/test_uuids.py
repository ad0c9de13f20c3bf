"""The simulator's UUIDs: of the right version, with the creation time as clock, and reversible without an index."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.simulator.world.scenario import World
from flowtui.simulator.world.uuids import UuidCodec

from ...examples import examples

SETTINGS = examples(150)
NUMBERS = st.integers(0, 2**60 - 1) | st.integers(0, 5_000)
NOW = 900.0


@SETTINGS
@given(NUMBERS, st.integers(0, 2**20), st.floats(0, 1e10), st.sampled_from([4, 7]))
def test_a_number_comes_back_from_its_uuid(number: int, seed: int, at: float, version: int) -> None:
    codec = UuidCodec("run_", seed, version)
    text = codec.encode(number, at)
    found = UUID(text)
    assert (len(text), str(found), found.version) == (36, text, version)
    assert codec.decode(text) == codec.decode(f"{text}␛Z\x1bfault"[:36] + "\x1bfault") == number
    if version == 7:
        assert found.int >> 80 == int(at * 1000)
    assert UuidCodec("thr_", seed, version).decode(text) is None
    assert UuidCodec("run_", seed + 1, version).decode(text) is None


@SETTINGS
@given(NUMBERS, st.integers(0, 127))
def test_another_bit_makes_no_id(number: int, bit: int) -> None:
    codec = UuidCodec("agent_", 0, 4)
    changed = UUID(int=UUID(codec.encode(number)).int ^ 1 << bit)
    assert codec.decode(str(changed)) is None


@SETTINGS
@given(st.text(max_size=40) | st.uuids().map(str))
def test_other_texts_are_no_ids(text: str) -> None:
    assert UuidCodec("run_", 1).decode(text) is None


def test_too_large_a_number_is_refused() -> None:
    with pytest.raises(OverflowError):
        UuidCodec("run_", 1).encode(2**60)


def test_a_world_of_uuids_finds_its_runs_and_threads() -> None:
    epoch = 1_800_000_000.0
    world = World(seed=5, threads=4, runs=40, ids="uuid", epoch=epoch.__add__)
    seen = set()
    for thread in range(world.threads):
        thread_id = world.thread_id(thread)
        assert world.find_thread(thread_id) == thread
        assert world.find_thread(f"00000000{thread_id[8:]}") is None
        for number in range(world.timeline(thread).count(NOW)):
            run_id = world.run_id(thread, number)
            created = epoch + world.timeline(thread)[number].created
            assert UUID(run_id).int >> 80 == int(created * 1000)
            assert world.find_run(run_id, NOW) == (thread, number)
            assert world.find_run(f"00000000{run_id[8:]}", NOW) is None  # its clock is that of no run
            seen.add(run_id)
    assert len(seen) == len({run_id[-8:] for run_id in seen}) > 40
    assert UUID(world.agent_id(0)).version == 4
    assert world.find_agent(world.agent_id(3)) == 3


def test_large_worlds_have_uuids_unless_told_otherwise() -> None:
    assert not World(threads=99, runs=0).uuids
    assert World(threads=100, runs=0).uuids
    assert not World(threads=100, runs=0, ids="short").uuids
    assert World(threads=1, runs=0, ids="uuid").uuids
