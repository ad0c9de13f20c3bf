"""Text that attacks a terminal or a reader of markup: names of the simulator's faults, each for a run of its own.

Those that leave the id of their run alone. What is expected of each stands in the tests.
"""

from __future__ import annotations

ATTACKS = (
    "text-escape",
    "text-osc52",
    "text-title",
    "text-link",
    "text-c1",
    "text-nul",
    "text-rtl",
    "text-combining",
    "text-crlf",
    "text-tab",
    "text-markup",
    "text-click",
    "text-bad-markup",
    "text-markup-link",
    "text-emoji",
)
