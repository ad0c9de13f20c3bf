"""A dialog closed before its timers and delayed calls ran: they are skipped, without a crash."""

from __future__ import annotations

from flowtui.ui.base.view_screen import Dialog

KEYS = ("colon", "Y", "F", "C", "question_mark")


async def test_a_closed_dialog_ignores_timers_and_delayed_calls(app, monkeypatch):
    """On a busy machine the dialog is closed before the paint that a delayed call waits for."""
    late = []
    later, again = Dialog.call_after_refresh, Dialog.set_interval

    def after(window, do, *args):
        late.append((window, do, args))
        return later(window, do, *args)

    def every(window, seconds, do=None, **more):
        late.append((window, do, ()))
        return again(window, seconds, do, **more)

    monkeypatch.setattr(Dialog, "call_after_refresh", after)
    monkeypatch.setattr(Dialog, "set_interval", every)
    async with app(size=(120, 36)) as seat:
        for key in KEYS:
            late.clear()
            await seat.press(key)
            await seat.until(lambda: isinstance(seat.app.screen, Dialog) and seat.app.screen.is_mounted)
            window = seat.app.screen
            await seat.app.pop_screen()
            await seat.until(lambda window=window: not list(window.query("*")))
            kept = [(do, args) for opened, do, args in late if opened is window]
            assert kept
            for do, args in kept:
                do(*args)
            await seat.press("g")
            assert seat.app.screen is seat.dashboard
