"""A crash of the dashboard leaves a report without data."""

from __future__ import annotations

import pytest


async def _crash(app, key):
    def fail():
        local = f"holds {key}"
        raise LookupError(local)

    async with app() as seat:
        seat.app.set_timer(0.01, fail)
        await seat.until(lambda: seat.app.crash_report)


async def test_an_exception_in_a_timer_leaves_a_report_without_data(app, key, tmp_path):
    with pytest.raises(LookupError):
        await _crash(app, key)
    reports = [path.read_text() for path in tmp_path.rglob("crash-*.txt")]
    assert len(reports) == 1
    assert "LookupError" in reports[0]
    assert "in fail" in reports[0]
    assert key not in reports[0]
