"""An application of one screen over data that a test sets: without dashboard, controllers and server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from flowtui.config.settings import Settings
from flowtui.model.events.event_log import EventLog
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.app import app as application
from flowtui.ui.base import messages
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.paint.theme import DEFAULT

from ..past import reader_of

_PATIENCE = 90.0  # seconds of real time until a test gives up; enough on a very busy machine
_STYLES = Path(application.__file__).with_name("flowtui.tcss")


@dataclass
class FakeData:
    """What the screen draws, and each part of `ViewData`. A test adds what else its screen reads."""

    snapshot: Snapshot | None = None
    marks: tuple[Any, ...] = ()
    deployed: tuple[Any, ...] = ()
    known: dict[Any, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dashboard = self.deploy_marks = self
        self.notifier = SimpleNamespace(
            log=EventLog(0.0),
            watches=(),
            rules=(),
            watched_reasons=frozenset(),
            watched_agents=frozenset(),
            watched_gates=(),
        )
        self.past = reader_of()

    def reasons(self) -> dict[Any, str]:
        return self.known

    def active(self) -> int | None:
        return None if self.snapshot is None else sum(run.active for run in self.snapshot.runs())

    def with_deployments(self, _: Snapshot | None) -> list[Any]:
        return sorted([*self.marks, *self.deployed])


class ScreenApp(AppBase):
    """Shows `first`. `posted`: the messages that it posted for the application, oldest first."""

    def __init__(self, first: ViewScreen, data: Any, settings: Settings, now: Callable[[], float]) -> None:
        super().__init__(settings, now, str(_STYLES))
        self.theme, self.data, self.posted = DEFAULT, data, []
        self._first = first

    def get_default_screen(self) -> ViewScreen:
        return self._first

    def on_mount(self) -> None:
        self.set_class(self.settings.ascii, "-ascii")

    def post_message(self, message: Message) -> bool:
        if type(message).__module__ == messages.__name__:
            self.posted.append(message)
        return super().post_message(message)


@dataclass
class ScreenSeat:
    """What a test works with. `said`: the texts of the messages on the screen."""

    app: ScreenApp
    screen: Any
    data: Any
    pilot: Pilot[Any]

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    @property
    def said(self) -> list[str]:
        return [note.message for note in self.app._notifications]

    def posted(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.app.posted if isinstance(message, kind)]

    def update(self, snapshot: Snapshot) -> None:
        """Hand the screen a new snapshot."""
        self.data.snapshot = snapshot
        self.screen.update(Update(snapshot))

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the application run until `condition` is true."""
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < deadline, (
                f"the condition never became true; the screen shows:\n{self.text}"
            )
            await asyncio.sleep(0.004)  # a turn for the loop

    async def sees(self, *words: str) -> None:
        """Wait until the screen shows all of these words."""
        await self.until(lambda: all(word in self.text for word in words))

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until each was handled."""
        for key in keys:
            await self.pilot.press(key)
            await self.until(lambda: not self.app.queued_keys.busy)

    async def paste(self, text: str) -> None:
        """Put a text into the input box that has the focus."""
        box = self.app.focused
        assert isinstance(box, Input)
        box.insert_text_at_cursor(text)
        await self.pilot.pause()


@asynccontextmanager
async def shown(
    screen: ViewScreen,
    data: Any,
    now: Callable[[], float],
    *,
    size: tuple[int, int] = (140, 40),
    **settings: Any,
) -> AsyncIterator[ScreenSeat]:
    """Open the screen and wait until it has drawn."""
    app = ScreenApp(screen, data, Settings(**{"tz": "utc", **settings}), now)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield ScreenSeat(app, screen, data, pilot)
