"""Chooses the ids of the tests' simulators: UUIDs for one half of the tests, short ids for the other."""

from __future__ import annotations

from zlib import crc32

from flowtui.simulator.world.scenario import ID_STYLES


def ids_for(name: str) -> str:
    """Return `uuid` or `short`, always the same for a name, which is that of a test or of a file with tests."""
    return ID_STYLES[crc32(name.encode()) % 2]
