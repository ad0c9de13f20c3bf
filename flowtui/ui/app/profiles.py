"""Switching profiles while flowtui runs: no data of the old profile is left when the new one is shown.

Keeps no key, and reads the config file only through the functions in `Profiles`.
"""

from __future__ import annotations

import asyncio
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError
from flowtui.ui.actions.acting import ActingApp

if TYPE_CHECKING:
    from textual.worker import Worker

    from flowtui.ui.widgets.menu import Choice

_LETTERS: Final = "".join(each for each in string.digits[1:] + string.ascii_lowercase if each not in "qjks")


@dataclass(frozen=True, slots=True)
class Profiles:
    """Functions that read the config file: `names` all profiles, `settings_for` one. They block and may raise FlowtuiError."""

    names: Callable[[], Sequence[str]]
    settings_for: Callable[[str], Settings]


class SwitchingApp(ActingApp):
    """The part of the application that switches profiles. In the demo `profiles` is None: there are none to switch to."""

    settings: Settings
    profiles: Profiles | None = None

    async def reconnect(self, settings: Settings) -> None:
        """Drop all data of the current profile, and connect with other settings."""
        raise NotImplementedError

    def open_profiles(self) -> None:
        """Open a menu with the profiles of the config file."""
        if self.profiles is None:
            self.notify("The demo has no profiles: they are in the config file", timeout=4, markup=False)
            return
        work: Worker[None] = self.run_worker(partial(self._offer, self.profiles), group="profiles")
        del work  # `work` exists only for its annotation: mypy cannot infer the type from a callable

    async def _offer(self, profiles: Profiles) -> None:
        from flowtui.ui.widgets.menu import Entry, Menu  # noqa: PLC0415  on first use

        try:
            names = await asyncio.to_thread(profiles.names)
        except FlowtuiError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        shown = names[: len(_LETTERS)]
        entries = []
        for letter, name in zip(_LETTERS, shown, strict=False):
            here = name == self.settings.profile
            entries.append(Entry(letter, name, "shown now" if here else await _address(profiles, name)))
        menu = Menu(self.title_text("Profiles"), entries)
        self.push_screen(menu, partial(self._choose, dict(zip(_LETTERS, shown, strict=False))))

    def _choose(self, names: dict[str, str], choice: Choice | None) -> None:
        if choice is not None and names[choice.letter] != self.settings.profile:
            self.switch_profile(names[choice.letter])

    def switch_profile(self, name: str) -> None:
        """Switch to another profile. If its settings cannot be read, keep the current profile and show the reason."""
        if self.profiles is None:
            self.notify("The demo has no profiles: they are in the config file", timeout=4, markup=False)
            return
        work: Worker[None] = self.run_worker(
            partial(self._switch, self.profiles, name), group="profiles", exclusive=True
        )
        del work

    async def _switch(self, profiles: Profiles, name: str) -> None:
        try:
            settings = await asyncio.to_thread(profiles.settings_for, name)
        except FlowtuiError as error:
            self.notify(str(error), severity="error", timeout=8, markup=False)
            return
        await self.reconnect(settings)
        self.notify(f"Profile {name}", timeout=2, markup=False)


async def _address(profiles: Profiles, name: str) -> str:
    try:
        return (await asyncio.to_thread(profiles.settings_for, name)).base_url
    except FlowtuiError as error:
        return str(error)
