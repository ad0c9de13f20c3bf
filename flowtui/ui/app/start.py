"""Runs the application and returns an exit code. Wrong settings are reported before anything is drawn."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from flowtui.errors import FlowtuiError, UsageError
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text
from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.keys import bindings
from flowtui.ui.keys.renamed import RENAMED

if TYPE_CHECKING:
    from flowtui.config.settings import Settings
    from flowtui.ui.app.connection import StartDemo
    from flowtui.ui.app.profiles import Profiles
    from flowtui.ui.base.connection import Connection

TURN: Final = 0.001
"""Seconds after which a thread that computes, such as one that reads the history, lets the event loop go on.

A key needs several turns of the loop, and each may wait so long; Python's own 5 ms would be felt.
"""


def run_dashboard(
    settings: Settings,
    threads: Sequence[str] = (),
    *,
    start_demo: StartDemo | None = None,
    demo: bool = False,
    filter_text: str = "",
    profiles: Profiles | None = None,
) -> int:
    """Run the dashboard and return the exit code: 0; 130 after ctrl+c twice; 128 + number after a signal; 1 after a crash.

    `filter_text` is the first filter, in the query language; `profiles` are the profiles the user can switch to.

    Raises:
        UsageError: the configured theme or a key id does not exist.
    """
    if settings.no_color:
        os.environ["NO_COLOR"] = "1"  # the only way to turn off colours in Textual
    else:
        os.environ.pop("NO_COLOR", None)  # for Textual, NO_COLOR="" means no colours
    sys.setswitchinterval(TURN)
    app: FlowtuiApp | None = None
    try:
        app = FlowtuiApp(
            settings,
            threads,
            start_demo=start_demo,
            demo=demo,
            first_frame=True,
            filter_text=filter_text,
            profiles=profiles,
        )
        _check_names(settings, app)
        app.use_colors_of(app.console.color_system)
        app.run()
    except FlowtuiError:
        raise
    except Exception as error:  # noqa: BLE001  while the application starts or ends, nothing else reports a crash
        return _crashed(error, app)
    finally:
        connections = app.connections if app is not None else []
        for connection in connections:
            connection.close_history()  # the loop has ended, and its threads may have been left behind
        _say_unsent(connections)
        _say_held(0 if app is None else app.held_notices)
    if app.crash_report:
        return _crashed(None, app)
    return app.return_code or 0


def _say_unsent(connections: Sequence[Connection]) -> None:
    """Say on stderr how many notices the webhook did not get, as the user has left before they were sent."""
    count = sum(each.webhook.unsent for each in connections if each.webhook is not None)
    if count:
        sys.stderr.write(f"flowtui: {_notices_were(count)} not sent to the webhook of [notify]\n")


def _say_held(count: int) -> None:
    """Say on stderr how many notices the quiet hours still held back when the user left."""
    if count:
        them = "it" if count == 1 else "them"
        sys.stderr.write(
            f"flowtui: {_notices_were(count)} not sent, as the quiet hours of [notify] held {them} back\n"
        )


def _notices_were(count: int) -> str:
    return "1 notice was" if count == 1 else f"{count:,} notices were"


def _crashed(error: BaseException | None, app: FlowtuiApp | None) -> int:
    """Print where the crash report is, and return exit code 1. With an `error`, first restore the terminal.

    If the application has written no report, a report is written from `error`.
    """
    from flowtui.config import crash  # noqa: PLC0415  only after a crash

    report = app.crash_report if app is not None else ""
    if app is not None and app.terminal is not None and error is not None:
        app.terminal.restore_now()
    crash.print_message(report or crash.write_report(error))
    return 1


def _check_names(settings: Settings, app: FlowtuiApp) -> None:
    """Raise UsageError if the configured theme, or a key id in `[keys]`, does not exist: it may be a typing error."""
    if settings.theme is not None and settings.theme not in app.theme_names:
        raise UsageError(
            f"{settings.sources.get('theme', 'theme')}: there is no theme {settings.theme!r}",
            hint=f"There are {', '.join(app.theme_names)}",
        )
    known = [key.id for key in bindings.KEYS]
    for name in settings.keys or {}:
        if name not in known and name not in RENAMED:
            raise UsageError(
                f"{settings.sources.get('keys', 'keys')}: no key has the id {safe_text(name)!r}",
                hint=did_you_mean(name, known, otherwise="The README lists the ids"),
            )
