"""The lines of the panel about the history: unknown values are `—`, and each line has the width of the panel."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from rich.cells import cell_len

from flowtui.store.facts import HistoryFacts
from flowtui.ui.meter.rows import CELLS, history_lines

NOW = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC
FILE = Path("/home/me/.local/state/flowtui/history/d462fbf1b1aa1922-c3c18b678db75276.db")


def text(lines):
    told = ["".join(span.text for span in line) for line in lines]
    assert [cell_len(line) for line in told] == [CELLS] * 3
    return told


@pytest.mark.parametrize("path", [FILE, Path("/h.db"), Path("/\x1b[2Jé" * 30), Path("/" + "多" * 60)])
def test_where_the_file_is_since_when_and_how_large(path):
    facts = HistoryFacts(path, 12_400_000, begin=NOW - 12 * 86_400, runs=4_210)
    first, place, never = text(history_lines(facts, "", NOW, UTC))
    assert [w for w in ("since", "3 Jan", "12.4 MB", "4.2k runs") if w in first] == [
        "since",
        "3 Jan",
        "12.4 MB",
        "4.2k runs",
    ]
    assert place.isprintable()
    assert place.rstrip().endswith(("db", "é", "多", "…"))
    assert never.startswith("never in it: ")


def test_nothing_is_claimed_of_a_file_that_was_not_looked_for_or_cannot_be_read():
    assert text(history_lines(None, "", NOW, UTC, read=False))[1].strip() == "…"
    assert "no file" in text(history_lines(None, "", NOW, UTC))[1]
    first, _, trouble = text(history_lines(HistoryFacts(FILE, 100), "the disk is full", NOW, UTC))
    assert first.count("—") == 2
    assert trouble.strip() == "the disk is full"
