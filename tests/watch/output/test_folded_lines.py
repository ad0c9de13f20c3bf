"""Many events of one kind at the same time become one readable line."""

from __future__ import annotations

from datetime import UTC

import pytest

from flowtui.model.run.parsing import parse_run
from flowtui.watch.events import appeared_event
from flowtui.watch.output.formats.lines import GROUP_FROM, lines_of

NOW = 1_800_000_000.0


def _text(status, *, history, threads=7):
    told = []
    for number in range(57):
        raw = {"id": f"run_{number}", "status": status}
        told.append(
            appeared_event(
                parse_run(raw, f"thr_{number % threads}"), NOW, {}, NOW, since=None, history=history
            )
        )
    assert len(told) >= GROUP_FROM
    lines = [line.text for line in lines_of(told, UTC, 3.0)]
    assert len(lines) == 1
    return lines[0].partition("  ")[2]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("failed", "had already failed"),
        ("completed", "had already completed"),
        ("cancelled", "were already cancelled"),
        ("queued", "were already queued"),
        ("running", "were already running"),
        ("odd", "were of unknown status"),
    ],
)
def test_runs_from_before_the_watch_get_a_sentence(status, said):
    assert _text(status, history=True).startswith(f"57 runs on 7 threads {said}")
    assert _text(status, history=True, threads=1).startswith(f"57 runs {said}")


def test_lines_of_new_and_changed_runs_keep_their_columns():
    assert _text("queued", history=False).startswith("57 runs on 7 threads  appeared queued")
