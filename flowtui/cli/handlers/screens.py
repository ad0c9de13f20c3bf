"""`flowtui dash` and `flowtui demo`: the dashboard. Checks the terminal before it imports Textual."""

from __future__ import annotations

import argparse
import gc
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from flowtui.cli.call_settings import names_of_profiles, settings_of, settings_of_profile
from flowtui.cli.command import Call
from flowtui.cli.handlers.simulate import simulator_of
from flowtui.cli.log import start_log
from flowtui.cli.options.options import SIMULATOR
from flowtui.cli.options.queries import query_of
from flowtui.cli.terminal import can_show_unicode, why_no_dashboard
from flowtui.config.settings import Settings
from flowtui.errors import UsageError

if TYPE_CHECKING:
    from flowtui.simulator.server import Simulator

_WEB_DRIVER: Final = "textual.drivers.web_driver:WebDriver"
_CONNECTION_OPTIONS: Final = ("base_url", "team", "profile", "proxy", "ca_bundle", "api_key_env")
"""Options that say where the real API is and how to reach it. The demo ignores them."""


def dash(call: Call) -> int:
    """Show the dashboard; return the exit code. If there is no key, the first screen offers the demo.

    Raises:
        UsageError: an option is wrong, or there is no terminal to draw on.
    """
    _need_terminal(call)
    settings, text = _prepare(call, settings_of(call))
    from flowtui.ui.app.profiles import Profiles  # noqa: PLC0415
    from flowtui.ui.app.start import run_dashboard  # noqa: PLC0415  imports Textual

    profiles = Profiles(partial(names_of_profiles, call), partial(settings_of_profile, call))
    threads = list(dict.fromkeys(call.words))
    with closing(_Demo(call)) as demo:
        return run_dashboard(settings, threads, start_demo=demo.start, filter_text=text, profiles=profiles)


def demo(call: Call) -> int:
    """Show the dashboard on a new simulator; return the exit code. The user's address, key and config file are not used.

    Raises:
        UsageError: an option is wrong, or there is no terminal to draw on.
    """
    _need_terminal(call)
    with closing(_Demo(call)) as world:
        if call.options.fault:
            # raises for a wrong fault before the screen is drawn
            world.simulator = simulator_of(call.options, port=0)
        settings, text = _prepare(call, world.settings())
        from flowtui.ui.app.start import run_dashboard  # noqa: PLC0415  imports Textual

        return run_dashboard(settings, start_demo=world.start, demo=True, filter_text=text)


def _prepare(call: Call, settings: Settings) -> tuple[Settings, str]:
    """Return the settings for this terminal and the filter. Start the log, and turn garbage collection off.

    Until the first frame the collection finds nothing, but takes a tenth of the time. The application turns it on again
    after the first frame.
    """
    # A browser can always show Unicode.
    if not (call.environ.get("TEXTUAL_DRIVER") == _WEB_DRIVER or can_show_unicode(call.environ, "stderr")):
        settings = replace(settings, ascii=True)
    text = filter_of(settings)
    start_log(settings, call.command.name, on_stderr=False)
    gc.disable()
    return settings, text


def filter_of(settings: Settings) -> str:
    """Return the filter that the dashboard starts with; "" for none. Raises UsageError, with its source, if it is wrong."""
    if settings.filter is None:
        return ""
    source = settings.sources.get("filter", "filter")
    query_of(source if source.startswith("--") else f"filter ({source})", settings.filter)
    return settings.filter


@dataclass(slots=True)
class _Demo:
    """The simulator that a dashboard may start, with its settings."""

    call: Call
    simulator: Simulator | None = None

    def close(self) -> None:
        """Stop the simulator if it runs."""
        if self.simulator is not None:
            self.simulator.stop()

    def settings(self) -> Settings:
        """Return the settings of the demo. They have no address of a simulator yet: `start` adds it."""
        options = argparse.Namespace(**{**vars(self.call.options), **dict.fromkeys(_CONNECTION_OPTIONS)})
        environ = {name: self.call.environ[name] for name in ("NO_COLOR",) if name in self.call.environ}
        settings = settings_of(replace(self.call, options=options, environ=environ), use_file=False)
        sources = {
            **settings.sources,
            "base_url": "the built-in simulator",
            "profile": "the built-in simulator",
        }
        return replace(settings, profile="demo", sources=sources)

    def start(self) -> Settings:
        """Start the simulator and return the settings with its address. Blocks while its modules are imported."""
        if self.simulator is None:
            defaults = {entry.flags[0].lstrip("-"): entry.rest.get("default") for entry in SIMULATOR}
            given = argparse.Namespace(**{**defaults, **vars(self.call.options)})
            self.simulator = simulator_of(given, port=0)
        return replace(self.settings(), base_url=self.simulator.start())


def _need_terminal(call: Call) -> None:
    """Raise UsageError if there is no terminal to draw on. Under `flowtui serve` none is needed: the browser draws."""
    if call.environ.get("TEXTUAL_DRIVER") == _WEB_DRIVER:
        return
    if lack := why_no_dashboard(call.environ):
        raise UsageError(
            f"The dashboard needs a terminal, and {lack}: for scripts use `flowtui watch` or `flowtui runs`"
        )
