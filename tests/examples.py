"""How many examples property tests try: all in the full check, a quarter of them in plain pytest."""

from __future__ import annotations

import os
from typing import Final

from hypothesis import settings

ALL: Final = os.environ.get("FLOWTUI_EXAMPLES") == "all"
"""Whether the variable asks for all examples, as `.ci/run` does on the newest Python."""


def examples(most: int) -> settings:
    """Return settings of a property test with `most` examples, which are the same ones each time."""
    return settings(max_examples=most if ALL else most // 4, deadline=None, derandomize=True)
