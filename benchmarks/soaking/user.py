"""The soak's simulated user: seeded keys that filter, sort, open, cancel, resize and go back."""

from __future__ import annotations

import asyncio
import random
import unicodedata
from contextlib import suppress
from typing import Any, Final

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from flowtui.ui.app.app import FlowtuiApp

SIZES: Final = ((140, 40), (120, 36), (100, 30), (80, 24), (60, 15), (200, 60), (20, 5), (1, 1))
_HOME: Final = (140, 40)

_WORDS: Final = (
    "status:failed", "agent:checkout", "tokens>5000", "age<1h", "/run_[0-9a-f]+/", "active", "[bold]", "x[/nope]y",
    "status:", "-status:completed", "finding:contradiction", "漢字", "model:llama duration>20s", "((", "",
)  # fmt: skip
_PLAIN: Final = (
    ("j", "j", "j", "k"), ("G", "g"), ("ctrl+d", "ctrl+u"), ("s",), ("S",), ("s", "s", "S"), ("a", "a"),
    ("exclamation_mark", "exclamation_mark"), ("B",), ("tab", "j", "enter"), ("0",), ("z", "z"), ("p", "j", "p"), ("R",),
    ("r",), ("1", "2", "3"), ("4", "tab", "j"), ("5", "6"), ("7", "8"), ("9", "Z"), ("v",), ("space", "j", "V"),
    ("d",), ("y",), ("Y",), ("w",), ("question_mark",), ("ctrl+p",), ("M",), ("F",), ("P",), ("C",), ("o",),
    ("full_stop",), ("greater_than_sign", "less_than_sign"), ("plus", "minus"), ("ctrl+s",), ("E", "enter"),
    ("enter", "1", "2", "3", "4", "b", "5", "6", "7", "8", "9"), ("enter", "J", "K", "r", "y"), ("enter", "4", "slash"),
    ("t", "h", "l", "plus", "minus", "less_than_sign", "0"), ("t", "j", "enter", "escape"), ("dollar_sign", "j", "B", "w"),
    ("dollar_sign", "enter"), ("L", "j", "G"), ("L", "enter"), ("W",), ("ctrl+k", "n"), ("m",),
)  # fmt: skip
_SAID: Final = (
    "theme day", "theme night", "theme contrast", "theme nord", "theme dracula", "sort tokens", "sort -created",
    "columns status run tokens meta_data.env", "columns", "filter status:running", "filter", "gate failure_rate <= 20%",
    "export csv", "help filter", "nonsense", "mark v1.4.2",
)  # fmt: skip


class User:
    """A simulated user. `presses` counts the keys."""

    def __init__(self, app: FlowtuiApp, pilot: Pilot[Any], seed: int) -> None:
        self.presses = 0
        self._app = app
        self._pilot = pilot
        self._chance = random.Random(f"user {seed}")

    async def act(self) -> None:
        """Do one seeded action; in seven of ten cases go back to the dashboard afterwards."""
        kind = self._chance.random()
        if kind < 0.15:
            await self._type("slash", self._chance.choice(_WORDS))
        elif kind < 0.25:
            await self._type("colon", self._chance.choice(_SAID))
        elif kind < 0.33:
            await self._pilot.resize_terminal(*self._chance.choice(SIZES))
        elif kind < 0.38:
            await self._press("ctrl+k", "y")
        else:
            await self._press(*self._chance.choice(_PLAIN))
        if self._chance.random() < 0.7:
            await self.home()

    async def home(self) -> None:
        """Go back to the table of all runs."""
        for _ in range(12):
            if self._app.screen is self._app.dashboard:
                break
            await self._press("escape")
        await self._press("escape", "escape", "0")
        if self._app.dashboard.view.text:
            await self._type("slash", "")
        if self._app.dashboard.paused:
            await self._press("p")
        if self._app.size != _HOME:
            await self._pilot.resize_terminal(*_HOME)

    async def refresh(self) -> None:
        """Refresh all threads, also those that are no longer polled."""
        await self.home()
        await self._press("R")

    async def _press(self, *keys: str) -> None:
        for key in keys:
            self.presses += 1
            typed = self._app.queued_keys
            await typed.add([events.Key(key, _character(key))])
            while typed.busy:  # noqa: ASYNC110  the pilot's own press waits for a tenth of a second
                await asyncio.sleep(0.001)

    async def _type(self, key: str, text: str) -> None:
        await self._press(key)
        box = self._app.focused
        if isinstance(box, Input):
            box.value = text
            await self._pilot.pause()
        await self._press("enter")


def _character(key: str) -> str | None:
    """Return the character that a key types; None for keys such as escape."""
    if len(key) == 1:
        return key
    with suppress(KeyError):
        return unicodedata.lookup(key.replace("_", " "))
    return None
