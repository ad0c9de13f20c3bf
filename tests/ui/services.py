"""A fake of the application's services: records what a controller asks for, and runs nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.screen import Screen

from flowtui.ui.base.services import Severity, Work


@dataclass(frozen=True)
class Said:
    """A message on the screen. `timeout`: seconds that it is shown; None: as long as Textual usually does."""

    text: str
    title: str
    severity: Severity
    timeout: float | None


@dataclass(frozen=True)
class Started:
    """A work that was started and has not run yet."""

    work: Work
    group: str
    exclusive: bool


@dataclass(frozen=True)
class Asked:
    """A dialog that is open."""

    dialog: Screen[Any]
    answered: Callable[[Any], None]


@dataclass
class Timer:
    """A timer that fires only by `FakeServices.advance`. `at`: UTC epoch seconds."""

    at: float
    do: Callable[[], None]
    stopped: bool = False

    def stop(self) -> None:
        self.stopped = True


class FakeServices:
    """Has the attributes of `Services`. `clock`: UTC epoch seconds, which a test may set.

    `said`, `started`, `ended`, `asked`, `written` and `redraws` are what was asked for, oldest first. A test awaits `work` to run
    what was started, calls `answer` to close a dialog, and `advance` to let time pass.
    """

    def __init__(self, clock: float = 1_800_000_000.0) -> None:
        self.clock = clock
        self.said: list[Said] = []
        self.started: list[Started] = []
        self.ended: list[str] = []
        self.asked: list[Asked] = []
        self.timers: list[Timer] = []
        self.written: list[str] = []
        self.redraws = 0

    def say(
        self, text: str, *, title: str = "", severity: Severity = "information", timeout: float | None = None
    ) -> None:
        self.said.append(Said(text, title, severity, timeout))

    def start(self, work: Work, group: str, *, exclusive: bool = False) -> None:
        """Collect a work. `exclusive`: those of its group that have not run yet are dropped, as a worker is cancelled."""
        if exclusive:
            self.started = [each for each in self.started if each.group != group]
        self.started.append(Started(work, group, exclusive))

    def end(self, group: str) -> None:
        """Drop the works of a group that have not run yet."""
        self.ended.append(group)
        self.started = [each for each in self.started if each.group != group]

    def ask(self, dialog: Screen[Any], answered: Callable[[Any], None]) -> None:
        self.asked.append(Asked(dialog, answered))

    def after(self, seconds: float, do: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.clock + seconds, do))
        return self.timers[-1]

    def write(self, text: str) -> None:
        self.written.append(text)

    def redraw(self) -> None:
        self.redraws += 1

    def now(self) -> float:
        return self.clock

    # -- what a test does --------------------------------------------------------------------------------------

    @property
    def texts(self) -> list[str]:
        """The texts of all messages."""
        return [each.text for each in self.said]

    async def work(self, group: str | None = None) -> None:
        """Run what was started, and what that starts, one after the other. `group`: only works of this group."""
        while chosen := next((each for each in self.started if group in (None, each.group)), None):
            self.started.remove(chosen)
            await chosen.work()

    def answer(self, result: Any) -> None:
        """Close the oldest open dialog with a result; None: the user closed it without an answer."""
        self.asked.pop(0).answered(result)

    def advance(self, seconds: float) -> None:
        """Let time pass, and fire the timers that are due by then, in their order."""
        end = self.clock + seconds
        while due := [each for each in self.timers if not each.stopped and each.at <= end]:
            timer = min(due, key=lambda each: each.at)
            self.timers.remove(timer)
            self.clock = max(self.clock, timer.at)
            timer.do()
        self.clock = end
