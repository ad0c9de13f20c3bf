"""The command palette's screen: Textual's own, but keys reach it only once what it searches for is drawn.

Textual turns the pages of its list by lines that are not there before the first layout, nor in a window without room
for them: a page key in one packet with ctrl+p was a KeyError.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker


class PaletteList(CommandList):
    """The list of commands. Where no line of it is in sight, page keys do nothing."""

    # Textual wraps a command at the width less its padding, and ends the application in a window where that is nothing.
    # Padding of the list itself leaves no room then, and nothing is wrapped.
    DEFAULT_CSS = """
    PaletteList { padding: 0 1; }
    PaletteList > .option-list--option { padding: 0; }
    """

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the lines that the commands take; where there is no room for text, as for two cells of it."""
        return super().get_content_height(container, viewport, max(width, 2))

    @property
    def _in_sight(self) -> bool:
        return bool(self.scrollable_content_region) and bool(self.virtual_size.height)

    def action_page_up(self) -> None:
        """Go a page up."""
        if self._in_sight:
            super().action_page_up()  # type: ignore[no-untyped-call]  # Textual has no types here

    def action_page_down(self) -> None:
        """Go a page down."""
        if self._in_sight:
            super().action_page_down()  # type: ignore[no-untyped-call]


class FlowtuiPalette(CommandPalette):
    """The command palette. Its commands come from `commands.py`."""

    _drawn = False  # what the newest words find

    @property
    def takes_keys(self) -> bool:
        """Whether what was typed has been searched for and drawn, so that the next key is about what it found."""
        return self._drawn and not self._searching

    @property
    def _searching(self) -> bool:
        return any(worker.node is self and not worker.is_finished for worker in self.workers)

    def compose(self) -> ComposeResult:
        """Make Textual's parts, with our list among them."""
        yield from map(_ours, super().compose())

    def on_input_changed(self, _event: Input.Changed) -> None:
        """Take no keys while Textual's own handler has the new words searched for."""
        self._drawn = False

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Take keys again once what the search found is drawn."""
        if event.worker.is_finished:
            self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        self._drawn = not self._searching


def _ours(part: Widget) -> Widget:
    return PaletteList() if isinstance(part, CommandList) else part
