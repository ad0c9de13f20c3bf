"""What controllers may use of the application: messages, workers, dialogs. Tests pass their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from textual.screen import Screen

from flowtui.ui.base.workers import Work

Severity = Literal["information", "warning", "error"]
T = TypeVar("T")


class Say(Protocol):
    """Shows a message for `timeout` seconds; None: as long as Textual usually does."""

    def __call__(
        self, text: str, *, title: str = "", severity: Severity = "information", timeout: float | None = None
    ) -> None: ...


class Start(Protocol):
    """Runs `work` in the background. `exclusive`: first cancels the other workers of its group."""

    def __call__(self, work: Work, group: str, *, exclusive: bool = False) -> None: ...


class Ask(Protocol):
    """Opens a dialog, and calls `answered` with its result."""

    def __call__(self, dialog: Screen[T], answered: Callable[[T | None], None]) -> None: ...


class Stoppable(Protocol):
    """A timer."""

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """The services of the application.

    `end`: ends the background work of a group. `after`: calls a function after so many seconds, unless the timer is stopped. `write`: writes control sequences to the
    terminal. `redraw`: draws all open screens again. `now`: returns UTC epoch seconds of the screen's clock.
    """

    say: Say
    start: Start
    end: Callable[[str], None]
    ask: Ask
    after: Callable[[float, Callable[[], None]], Stoppable]
    write: Callable[[str], None]
    redraw: Callable[[], None]
    now: Callable[[], float]
