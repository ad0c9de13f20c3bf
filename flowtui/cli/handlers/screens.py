"""`flowtui dash` and `flowtui demo`: the terminal is checked before Textual is imported."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from flowtui.cli.handlers.simulate import simulator_of
from flowtui.cli.log import start_log
from flowtui.cli.options.options import WORLD
from flowtui.cli.options.queries import query_of
from flowtui.cli.terminal import lacking, speaks_unicode
from flowtui.cli.world import names_of_profiles, settings_of, settings_of_profile
from flowtui.errors import UsageError

if TYPE_CHECKING:
    from flowtui.cli.command import Call
    from flowtui.config.settings import Settings
    from flowtui.simulator.server import Simulator

_WEB_DRIVER: Final = "textual.drivers.web_driver:WebDriver"
_PLAIN_OPTIONS: Final = ("base_url", "team", "profile", "proxy", "ca_bundle", "api_key_env")
"""Options that say where the real API is and how to get there: the demo knows that itself."""


def dash(call: Call) -> int:
    """Show the dashboard; return its exit code. The first screen of somebody without a key offers the demo."""
    _need_terminal(call)
    settings = _drawn(settings_of(call), call.environ)
    text = filter_of(settings)
    start_log(settings, call.command.name, on_stderr=False)
    _hurry()
    from flowtui.ui.app.profiles import Profiles  # noqa: PLC0415
    from flowtui.ui.app.start import run_dashboard  # noqa: PLC0415  imports Textual

    profiles = Profiles(partial(names_of_profiles, call), partial(settings_of_profile, call))
    threads = list(dict.fromkeys(call.words))
    with _Demo(call) as demo:
        return run_dashboard(settings, threads, start_demo=demo.start, filter_text=text, profiles=profiles)


def demo(call: Call) -> int:
    """Show the dashboard on a simulator of its own; the user's address, key and config file play no part."""
    _need_terminal(call)
    with _Demo(call) as world:
        if call.options.fault:
            world.simulator = simulator_of(
                call.options, port=0
            )  # a wrong name is told before the screen is taken
        settings = _drawn(world.settings(), call.environ)
        text = filter_of(settings)
        start_log(settings, call.command.name, on_stderr=False)
        _hurry()
        from flowtui.ui.app.start import run_dashboard  # noqa: PLC0415  imports Textual

        return run_dashboard(settings, start_demo=world.start, demo=True, filter_text=text)


def filter_of(settings: Settings) -> str:
    """Return the filter to begin with, "" for none. Raises UsageError, with its source, where it cannot be read."""
    if settings.filter is None:
        return ""
    source = settings.sources.get("filter", "filter")
    query_of(source if source.startswith("--") else f"filter ({source})", settings.filter)
    return settings.filter


@dataclass(slots=True)
class _Demo:
    """The simulator that a dashboard may start, and the settings that reach it. Stopped when the dashboard ends."""

    call: Call
    simulator: Simulator | None = None
    _defaults: Mapping[str, object] = field(
        default_factory=lambda: {entry.flags[0].lstrip("-"): entry.rest["default"] for entry in WORLD}
    )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.simulator is not None:
            self.simulator.stop()

    def settings(self) -> Settings:
        """Return the settings of the demo; its address is known when it runs."""
        options = argparse.Namespace(**{**vars(self.call.options), **dict.fromkeys(_PLAIN_OPTIONS)})
        environ = {name: self.call.environ[name] for name in ("NO_COLOR",) if name in self.call.environ}
        settings = settings_of(replace(self.call, options=options, environ=environ), use_file=False)
        sources = {
            **settings.sources,
            "base_url": "the built-in simulator",
            "profile": "the built-in simulator",
        }
        return replace(settings, profile="demo", sources=sources)

    def start(self) -> Settings:
        """Start the simulator and return the settings that reach it. Blocks while its imports are made."""
        if self.simulator is None:
            given = argparse.Namespace(**{**self._defaults, **vars(self.call.options)})
            self.simulator = simulator_of(given, port=0)
        return replace(self.settings(), base_url=self.simulator.start())


def _hurry() -> None:
    """Collect no garbage until the first frame is drawn: there is none, and looking for it takes a tenth of the time.

    The application collects again once it has painted.
    """
    gc.disable()


def _need_terminal(call: Call) -> None:
    """Refuse where there is no terminal to draw on: escape codes in a pipe help nobody. `serve` has a browser there."""
    if call.environ.get("TEXTUAL_DRIVER") == _WEB_DRIVER:
        return
    if lack := lacking(call.environ):
        raise UsageError(
            f"The dashboard needs a terminal, and {lack}: for scripts use `flowtui watch` or `flowtui runs`"
        )


def _drawn(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Return the settings with plain ASCII where the terminal can show no more; in a browser it always can."""
    if environ.get("TEXTUAL_DRIVER") == _WEB_DRIVER or speaks_unicode(environ, "stderr"):
        return settings
    return replace(settings, ascii=True)
