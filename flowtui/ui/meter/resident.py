"""How much memory this process has in use, as the system tells it. Unknown is None."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_STATM: Final = Path("/proc/self/statm")


def resident(statm: Path = _STATM) -> int | None:
    """Return the resident memory in bytes, shared pages among it; None where the system does not say."""
    try:
        return int(statm.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
