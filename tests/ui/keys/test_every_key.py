"""No key crashes the dashboard: each key of a keyboard is pressed on each screen."""

from __future__ import annotations

import pytest

from flowtui.ui.terminal.key_parser import KeyParser

PRINTED = {chr(code) for code in range(32, 127)}
SCREENS = {
    "dashboard": (),
    "run": ("enter",),
    "timeline": ("t",),
    "tokens": ("dollar_sign",),
    "gate": ("M",),
    "agent": ("A",),
    "events": ("L",),
    "failures": ("f",),
    "brief": ("b",),
}


@pytest.mark.parametrize(
    "screen",
    [pytest.param(name, marks=[] if name in ("dashboard", "run") else pytest.mark.slow) for name in SCREENS],
)
async def test_no_attribute_is_called_as_a_key_handler(app, screen):
    """When `@` is pressed, Textual calls an attribute `key_at`; if that is not a method, flowtui would crash."""
    async with app() as seat:
        await seat.press(*SCREENS[screen])
        named = [
            f"{type(node).__name__}.{name}"
            for node in (seat.app, seat.app.screen, *seat.app.screen.walk_children())
            for name in dir(node)
            if name.startswith(("key_", "_key_")) and not callable(getattr(node, name))
        ]
        assert named == []


@pytest.mark.slow
async def test_no_printable_character_ends_the_dashboard(app):
    async with app() as seat:
        for sign in sorted(PRINTED - {"q"}):  # q quits
            parser = KeyParser()
            for event in [*parser.feed(sign), *parser.feed("\x1b"), *parser.feed("")]:
                seat.app.post_message(event)
            await seat.pilot.pause()
            await seat.until(lambda: not seat.app.queued_keys.busy)
        assert seat.app.is_running
