"""A crash of the dashboard leaves a report without data."""

from __future__ import annotations

import pytest

from flowtui.ui.commands.help_screen import HelpScreen


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


async def test_a_screen_that_opens_during_the_shutdown_does_not_crash(app, monkeypatch):
    """A signal may arrive after a screen was pushed and before its widgets are created; then they are not created."""
    monkeypatch.setattr(HelpScreen, "compose", lambda _self: ())
    async with app() as seat:
        seat.app.push_screen(HelpScreen(()))
        seat.app.exit(143, 143)
        await seat.until(lambda: not seat.app.is_running)
    assert seat.app.return_code == 143
    assert not seat.app.crash_report
