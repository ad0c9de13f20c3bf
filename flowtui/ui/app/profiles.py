"""Lets the user switch profiles. Keeps no key, and reads the config file only through the functions in `Profiles`.

The first frame waits for this module, so it imports no widget.
"""

from __future__ import annotations

import asyncio
import string
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from flowtui.errors import FlowtuiError
from flowtui.ui.base.messages import ProfileChosen

if TYPE_CHECKING:
    from flowtui.config.settings import Settings
    from flowtui.ui.base.services import Services
    from flowtui.ui.widgets.menu import Choice

_LETTERS: Final = "".join(each for each in string.digits[1:] + string.ascii_lowercase if each not in "qjks")


@dataclass(frozen=True, slots=True)
class Profiles:
    """Functions that read the config file: `names` all profiles, `settings_for` one. They block and may raise FlowtuiError."""

    names: Callable[[], Sequence[str]]
    settings_for: Callable[[str], Settings]


class ProfileSwitcher:
    """Switches profiles. In the demo `profiles` is None: there are none to switch to.

    `current`: the name of the shown profile. `switch`: shows another one.
    """

    def __init__(
        self,
        services: Services,
        profiles: Profiles | None,
        current: str,
        switch: Callable[[Settings], Awaitable[None]],
    ) -> None:
        self._services, self._profiles, self._current = services, profiles, current
        self._switch_to = switch

    def handle(self, message: ProfileChosen) -> None:
        """Switch to a profile; without a name, open a menu with the profiles of the config file."""
        if self._profiles is None:
            self._services.say("The demo has no profiles: they are in the config file", timeout=4)
        elif message.name:
            work = partial(self._switch, self._profiles, message.name)
            self._services.start(work, "profiles", exclusive=True)
        else:
            self._services.start(partial(self._offer, self._profiles), "profiles")

    async def _offer(self, profiles: Profiles) -> None:
        from flowtui.ui.widgets.menu import Entry, Menu  # noqa: PLC0415  after the first frame

        try:
            names = await asyncio.to_thread(profiles.names)
        except FlowtuiError as error:
            self._services.say(str(error), severity="error")
            return
        shown = dict(zip(_LETTERS, names, strict=False))
        entries = []
        for letter, name in shown.items():
            here = name == self._current
            entries.append(Entry(letter, name, "shown now" if here else await _address(profiles, name)))
        self._services.ask(Menu("Profiles", entries), partial(self._choose, shown))

    def _choose(self, names: dict[str, str], choice: Choice | None) -> None:
        if choice is not None and names[choice.letter] != self._current:
            self.handle(ProfileChosen(names[choice.letter]))

    async def _switch(self, profiles: Profiles, name: str) -> None:
        """Switch to another profile. If its settings cannot be read, keep the current profile and show the reason."""
        try:
            settings = await asyncio.to_thread(profiles.settings_for, name)
        except FlowtuiError as error:
            self._services.say(str(error), severity="error", timeout=8)
            return
        await self._switch_to(settings)
        self._services.say(f"Profile {name}", timeout=2)


async def _address(profiles: Profiles, name: str) -> str:
    try:
        return (await asyncio.to_thread(profiles.settings_for, name)).base_url
    except FlowtuiError as error:
        return str(error)
