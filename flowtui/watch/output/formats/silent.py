"""The format `none`, which prints nothing, and the base class of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flowtui.watch.events import Event
from flowtui.watch.output.formats.format import FormatContext, LiveState


class Silent:
    """Prints nothing: the verdict is only in the exit code."""

    live = False
    bundled = False
    usage = False

    def __init__(self, stage: FormatContext) -> None:
        self.stage = stage

    def tell(self, told: Sequence[Event]) -> None:
        """Print nothing."""

    def draw(self, board: LiveState) -> None:
        """Draw nothing."""

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print nothing."""

    def resume(self) -> None:
        """Do nothing, as nothing was drawn."""

    def close(self) -> None:
        """Do nothing, as the terminal was not changed."""
