"""Runs the dashboard once for each PLACE, with an error in its code there: `python crashing_dashboard.py PLACE ...`.

With an unknown place the dashboard runs without an error. After each run it prints the exit code, and whether the line
settings are as before. The tests run it on a terminal.
"""

from __future__ import annotations

import importlib
import os
import sys
import termios

from flowtui.cli import main
from flowtui.ui.terminal import shutdown

shutdown.TWICE = 60.0  # on a busy machine the second ctrl+c may come late

KEY = os.environ["SEEKR_API_KEY"]

PLACES = {
    "start": "flowtui.ui.app.app FlowtuiApp _use_theme",
    "application": "flowtui.ui.app.app FlowtuiApp on_mount",
    "opening frame": "flowtui.ui.app.first_frame FirstFrame render_line",
    "compose": "flowtui.ui.dashboard.dashboard Dashboard compose",
    "mount": "flowtui.ui.dashboard.dashboard Dashboard prepare",
    "timer": "flowtui.ui.app.app FlowtuiApp _every_second",
    "worker": "flowtui.ui.app.app FlowtuiApp _run_connection",
    "update": "flowtui.ui.dashboard.dashboard Dashboard update",
    "painting": "flowtui.ui.table.run_table RunTable render_line",
    "message": "flowtui.ui.dashboard.dashboard Dashboard on_resize",
    "thread": "flowtui.ui.gate.deploy_marks * read_marks",
    "key": "flowtui.ui.app.app FlowtuiApp action_help",
    "input": "textual._xterm_parser XTermParser parse",
    "own look": "flowtui.ui.app.session Session redraw",
    "way out": "textual.app App _close_all",
    "stylesheet": "textual.css.stylesheet Stylesheet parse",
}


class ShowyError(LookupError):
    """An error with its own rich text."""

    def __rich__(self) -> str:
        return str(self)


def fail(*_arguments: object, **_named: object) -> None:
    local = f"holds {KEY}"
    raise (ShowyError if showy else LookupError)(local)


for place in sys.argv[1:]:
    showy = place.endswith("!")
    module, owner, name = PLACES.get(place.rstrip("!"), "sys * platform").split()
    target = importlib.import_module(module)
    target = target if owner == "*" else getattr(target, owner)
    whole, before = getattr(target, name), termios.tcgetattr(0)
    if place.rstrip("!") in PLACES:
        setattr(target, name, fail)
    try:
        code: object = main(["--interval", "0.5s"])
    except BaseException as error:  # noqa: BLE001  what gets here is what Python would print
        code = f"raised {type(error).__name__}"
    finally:
        setattr(target, name, whole)
    same = "same" if termios.tcgetattr(0) == before else "other"
    print(f"\r\n<<{place} {code} {same}>>", flush=True)  # noqa: T201
