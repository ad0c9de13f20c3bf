"""A screen whose movement keys work whichever of its widgets has the focus."""

from __future__ import annotations

from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.widgets.movement import Movable


class MovableScreen(ViewScreen):
    """Moves the cursor of its widget `moved`."""

    @property
    def moved(self) -> Movable:
        """The widget that the movement keys are for."""
        raise NotImplementedError

    def action_move(self, step: int) -> None:
        """Move the cursor down by `step` entries; up, if negative."""
        self.moved.action_move(step)

    def action_page(self, pages: float) -> None:
        """Move the cursor down by `pages` pages; up, if negative."""
        self.moved.action_page(pages)

    def action_first(self) -> None:
        """Move the cursor to the first entry."""
        self.moved.action_first()

    def action_last(self) -> None:
        """Move the cursor to the last entry."""
        self.moved.action_last()
