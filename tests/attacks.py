"""The simulator's faults with text that attacks terminals or markup parsers, for use on one run each.

Only those that do not change the run's id. The tests have the expected result of each.
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
