"""The screen of the command palette: Textual's, but keys wait until the search results are drawn.

To page up or down, Textual's list looks up lines that do not exist before the first layout or in a tiny window: a page
key in the same packet as ctrl+p raised KeyError.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker


class PaletteList(CommandList):
    """The list of commands. While no line of it is visible, page keys do nothing."""

    # Textual wraps a command at the list's width minus the padding of a line, and crashes if that is not above zero.
    # If the list has the padding instead of its lines, nothing is wrapped in so small a window.
    DEFAULT_CSS = """
    PaletteList { padding: 0 1; }
    PaletteList > .option-list--option { padding: 0; }
    """

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the height of the list in lines. A list narrower than two cells is measured as two cells wide."""
        return super().get_content_height(container, viewport, max(width, 2))

    @property
    def _in_sight(self) -> bool:
        return bool(self.scrollable_content_region) and bool(self.virtual_size.height)

    def action_page_up(self) -> None:
        """Scroll one page up."""
        if self._in_sight:
            super().action_page_up()  # type: ignore[no-untyped-call]  # Textual has no types here

    def action_page_down(self) -> None:
        """Scroll one page down."""
        if self._in_sight:
            super().action_page_down()  # type: ignore[no-untyped-call]


class FlowtuiPalette(CommandPalette):
    """The command palette; `palette.Commands` lists its commands."""

    _drawn = False  # whether the results for the current words are drawn

    @property
    def takes_keys(self) -> bool:
        """Whether the search results for the typed words are drawn. Until then keys wait, so that they act on these results."""
        return self._drawn and not self._searching

    @property
    def _searching(self) -> bool:
        return any(worker.node is self and not worker.is_finished for worker in self.workers)

    def compose(self) -> ComposeResult:
        """Yield Textual's widgets, with our list in place of its own."""
        yield from map(_ours, super().compose())

    def on_input_changed(self, _event: Input.Changed) -> None:
        """Hold keys back until Textual's own handler has searched for the new words."""
        self._drawn = False

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Let keys through again once the results are drawn."""
        if event.worker.is_finished:
            self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        self._drawn = not self._searching


def _ours(part: Widget) -> Widget:
    return PaletteList() if isinstance(part, CommandList) else part
