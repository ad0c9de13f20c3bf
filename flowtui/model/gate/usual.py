"""The gate that judges where the user has typed none."""

from __future__ import annotations

from typing import Final

USUAL_GATE: Final = (
    "failure_rate <= base + 10% and p95(duration) <= base * 2 and tokens_per_run <= base * 1.5"
)
"""A good release passes it with 200 runs against 200."""
