"""A scrolling pane of lines with folding and search, and a list whose keys act on the line under the cursor.

Only changed cells are repainted. An unchanged line costs one comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from flowtui.model.run.json_tree import Path
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line


class DocLine(NamedTuple):
    """One line of a document. `fold` is the path that the line folds and unfolds; None if it folds nothing."""

    spans: Line
    fold: Path | None = None


class LinePane(ScrollView, can_focus=True):
    """Shows lines. If any line folds, there is a cursor, which the keys move; if none does, they scroll."""

    app: AppBase
    BINDINGS = bindings.bindings(bindings.PANE)

    class Folded(Message):
        """The user folds or unfolds a path; None: all paths."""

        def __init__(self, path: Path | None) -> None:
            super().__init__()
            self.path = path

    class FindAsked(Message):
        """The user wants to search."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._doc: Sequence[DocLine] = ()
        self._cursor = 0
        self._folds = False
        self._word = ""

    @property
    def text(self) -> str:
        """The text of the pane, without colours."""
        return "\n".join("".join(span.text for span in line.spans) for line in self._doc)

    def show(self, lines: Sequence[Line]) -> None:
        """Show lines that do not fold; the scroll position stays."""
        self.show_document([DocLine(spans) for spans in lines])

    def show_document(self, doc: Sequence[DocLine], *, follow: bool = False) -> None:
        """Show lines, of which some may fold. `follow`: a pane scrolled to its end stays there when lines are added."""
        at_end = follow and self.scroll_offset.y >= self.max_scroll_y
        old, self._doc = self._doc, doc
        self._folds = any(line.fold is not None for line in doc)
        self._cursor = min(self._cursor, max(0, len(doc) - 1))
        if len(old) != len(doc):
            self.virtual_size = Size(0, len(doc))
            self.refresh()
            if at_end and len(doc) > len(old):
                self.action_bottom()
            return
        top, cells = self.scroll_offset.y, self.size.width
        for y in range(min(self.size.height, len(doc) - top)):
            before, after = old[top + y].spans, doc[top + y].spans
            # a highlighted match may extend beyond the changed cells
            change = ink.changed(before, after, cells) if not self._word else (0, cells)
            if before != after and change is not None:
                self.refresh(Region(change[0], y, change[1] - change[0], 1))

    def to_top(self) -> None:
        """Go to the first line."""
        self._cursor = 0
        self.scroll_home(animate=False, force=True, immediate=True)

    # -- search ------------------------------------------------------------------------------------------------

    def find(self, word: str) -> int:
        """Highlight `word` everywhere, go to the next line with it, and return how many lines have it."""
        self._word = word.casefold().strip()
        self.refresh()
        places = self._matches()
        if places:
            here = self._cursor if self._folds else self.scroll_offset.y
            self._reach(next((place for place in places if place >= here), places[0]))
        return len(places)

    def _matches(self) -> list[int]:
        if not self._word:
            return []
        return [
            place
            for place, line in enumerate(self._doc)
            if self._word in "".join(span.text for span in line.spans).casefold()
        ]

    def _reach(self, place: int) -> None:
        self._cursor = place
        self.scroll_to(y=max(0, place - self.size.height // 3), animate=False, force=True, immediate=True)
        self.refresh()

    def action_find(self) -> None:
        """Ask the owner to open its search box."""
        self.post_message(self.FindAsked())

    def action_find_next(self, step: int) -> None:
        """Go to the next line with a match, or to the previous one if `step` is negative.

        After the last match comes the first, and before the first the last.
        """
        places = self._matches()
        if not places:
            return
        if step > 0:
            self._reach(next((place for place in places if place > self._cursor), places[0]))
        else:
            self._reach(next((place for place in reversed(places) if place < self._cursor), places[-1]))

    # -- moving ------------------------------------------------------------------------------------------------

    def action_line(self, step: int) -> None:
        """Move the cursor, or scroll, by lines."""
        if self._folds:
            self._move(self._cursor + step)
        else:
            self.scroll_relative(y=step, animate=False, force=True, immediate=True)

    def _move(self, place: int) -> None:
        old, self._cursor = self._cursor, min(max(place, 0), max(0, len(self._doc) - 1))
        top, page = self.scroll_offset.y, max(1, self.size.height)
        if self._cursor < top or self._cursor >= top + page:
            self.scroll_to(
                y=self._cursor if self._cursor < top else self._cursor - page + 1,
                animate=False,
                force=True,
                immediate=True,
            )
        for line in (old, self._cursor):
            self.refresh(Region(0, line - self.scroll_offset.y, self.size.width, 1))

    def action_page(self, pages: int) -> None:
        """Move the cursor, or scroll, by pages."""
        step = pages * max(1, self.size.height - 1)
        if self._folds:
            self._move(self._cursor + step)
        else:
            self.scroll_relative(y=step, animate=False, force=True, immediate=True)

    def action_top(self) -> None:
        """Go to the start."""
        self.to_top()
        self.refresh()

    def action_bottom(self) -> None:
        """Go to the end."""
        self._cursor = max(0, len(self._doc) - 1)
        self.scroll_end(animate=False, force=True, immediate=True)
        self.refresh()

    def action_fold(self) -> None:
        """Fold or unfold the line under the cursor; on a line inside a fold, that fold."""
        for line in reversed(self._doc[: self._cursor + 1]):
            if line.fold is not None:
                self.post_message(self.Folded(line.fold))
                return

    def action_fold_all(self) -> None:
        """Fold or unfold everything."""
        if self._folds:
            self.post_message(self.Folded(None))

    def on_click(self, event: events.Click) -> None:
        """Fold or unfold the line that was clicked."""
        position = event.get_content_offset(self)
        place = self.scroll_offset.y + position.y if position is not None else len(self._doc)
        if self._folds and place < len(self._doc):
            self._move(place)
            if self._doc[place].fold is not None:
                self.action_fold()

    # -- drawing -----------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return the line at `y` of the viewport."""
        place = self.scroll_offset.y + y
        spans = self._doc[place].spans if place < len(self._doc) else ink.BLANK
        base = self.rich_style
        if self._folds and place == self._cursor and self.has_focus:
            base += self.app.palette.cursor_row
        if self._word:
            spans = tuple(
                part for span in spans for part in ink.highlight(span.text, span.role, (self._word,))
            )
        return ink.strip(spans, self.app.palette, base, self.size.width)


class ActionList(LinePane):
    """Lines with a cursor. A key posts an action for the line under it; the screen carries it out."""

    class Requested(Message):
        """The user wants `action` for the line under the cursor."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    @property
    def place(self) -> int:
        """The line of the cursor, from 0."""
        return self._cursor

    def go(self, place: int) -> None:
        """Move the cursor to a line."""
        self._move(place)

    def action_request(self, action: str) -> None:
        """Post an action for the line under the cursor."""
        self.post_message(self.Requested(action))

    def action_find(self) -> None:
        """Do nothing: the list has no search."""
