"""Going from one profile to another while running: nothing of the first is left when the second is shown.

Keeps no key and reads no file itself: it is given how to.
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
    """How to get at the profiles of the config file. Both block, and raise FlowtuiError."""

    names: Callable[[], Sequence[str]]
    settings_for: Callable[[str], Settings]


class SwitchingApp(ActingApp):
    """Base of the application. `profiles` is None where there are none to choose from, as in the demo."""

    settings: Settings
    profiles: Profiles | None = None

    async def reconnect(self, settings: Settings) -> None:
        """Forget everything of the profile that was shown, and connect with these settings."""
        raise NotImplementedError

    def open_profiles(self) -> None:
        """Offer the profiles of the config file."""
        if self.profiles is None:
            self.notify("The demo has no profiles: they are in the config file", timeout=4, markup=False)
            return
        work: Worker[None] = self.run_worker(partial(self._offer, self.profiles), group="profiles")
        del work  # named for its type alone, which cannot be inferred from a callable

    async def _offer(self, profiles: Profiles) -> None:
        from flowtui.ui.widgets.menu import Entry, Menu  # noqa: PLC0415  once somebody asks

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
        """Show another profile; where it cannot be, the one that is shown stays and the reason is told."""
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
