"""Chooses the ids of the tests' simulators: UUIDs for half of all tests, short ids for the others.

Some files need short ids, as they read ids from a screen. So of the tests that may have either, two thirds have UUIDs.
"""

from __future__ import annotations

from zlib import crc32


def ids_for(name: str) -> str:
    """Return `uuid` or `short`, always the same for a name, which is that of a test or of a file with tests."""
    return "short" if crc32(name.encode()) % 6 in {0, 2} else "uuid"
