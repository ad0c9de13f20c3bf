"""A scrolling pane of lines with folding and search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.message import Message
from textual.strip import Strip

from flowtui.model.run.json_tree import Path
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.cursor_list import CursorList, scroll


class DocLine(NamedTuple):
    """One line of a document. `fold` is the path that the line folds and unfolds; None if it folds nothing.

    `tint`: whether it is on the tint of what is wrong.
    """

    spans: Line
    fold: Path | None = None
    tint: bool = False


class LinePane(CursorList[int]):
    """Shows lines. If any line folds, there is a cursor, which the keys move; if none does, they scroll.

    `indent`: the cells before each line; cursor and tint begin there. A document may have a fold without a cursor: it is folded
    by the key that folds all, or by a click.
    """

    BINDINGS = bindings.bindings(bindings.PANE)

    class Folded(Message):
        """The user folds or unfolds a path; None: all paths."""

        def __init__(self, path: Path | None) -> None:
            super().__init__()
            self.path = path

    class FindAsked(Message):
        """The user wants to search."""

    def __init__(
        self,
        *,
        indent: int = 0,
        id: str | None = None,  # noqa: A002  Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.indent = indent
        self._doc: Sequence[DocLine] = ()
        self._folds = self._has_cursor = False
        self._tints: list[bool] = []

    def show(self, lines: Sequence[Line]) -> None:
        """Show lines that do not fold; the scroll position stays."""
        self.show_document([DocLine(spans) for spans in lines])

    def show_document(self, doc: Sequence[DocLine], *, follow: bool = False, cursor: bool = True) -> None:
        """Show lines, of which some may fold. `follow`: a pane scrolled to its end stays there when lines are added.

        `cursor`: whether there is a cursor if any line folds.
        """
        at_end = follow and self.scroll_offset.y >= self.max_scroll_y
        longer = len(doc) > len(self._doc)
        tints = [line.tint for line in doc]
        if tints != self._tints:
            self.refresh()
        self._doc, self._tints = doc, tints
        self._folds = any(line.fold is not None for line in doc)
        self._has_cursor = self._folds and cursor
        self.show_entries(range(len(doc)), lambda place: doc[place].spans, words=self._words)
        if at_end and longer:
            self.action_last()

    # -- search ------------------------------------------------------------------------------------------------

    def find(self, word: str) -> int:
        """Highlight `word` everywhere, go to the next line with it, and return how many lines have it."""
        word = word.casefold().strip()
        self._words = (word,) if word else ()
        self.repaint()
        places = self._matches()
        if places:
            here = self._place if self._has_cursor else self.scroll_offset.y
            self._reach(next((place for place in places if place >= here), places[0]))
        return len(places)

    def _matches(self) -> list[int]:
        return [
            place
            for word in self._words
            for place, line in enumerate(self._doc)
            if word in "".join(span.text for span in line.spans).casefold()
        ]

    def _reach(self, place: int) -> None:
        self._place = place
        scroll(self, max(0, place - self.size.height // 3))
        self.repaint()

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
            self._reach(next((place for place in places if place > self._place), places[0]))
        else:
            self._reach(next((place for place in reversed(places) if place < self._place), places[-1]))

    # -- moving and folding ------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Move the cursor, or scroll, by lines."""
        if self._has_cursor:
            super().action_move(step)
        else:
            self.scroll_relative(y=step, animate=False, force=True, immediate=True)

    def action_first(self) -> None:
        """Go to the first line."""
        self.go(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self.go(self.count)

    def action_fold(self) -> None:
        """Fold or unfold the line under the cursor; on a line inside a fold, that fold. Without a cursor, all folds."""
        if not self._has_cursor:
            self.action_fold_all()
            return
        for line in reversed(self._doc[: self._place + 1]):
            if line.fold is not None:
                self.post_message(self.Folded(line.fold))
                return

    def action_fold_all(self) -> None:
        """Fold or unfold everything."""
        if self._has_cursor:
            self.post_message(self.Folded(None))
            return
        for line in self._doc:
            if line.fold is not None:
                self.post_message(self.Folded(line.fold))

    def clicked(self, place: int, clicks: int) -> None:
        """Fold or unfold the line that was clicked."""
        if self._has_cursor:
            super().clicked(place, clicks)
        fold = self._doc[place].fold
        if fold is not None:
            self.post_message(self.Folded(fold))

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`, on its tint."""
        place = self._place_at(y)
        if not (place < len(self._tints) and self._tints[place]):
            return super().render_line(y)
        spans, _ = self._painted[y] = self._paint(y, place)
        base = self.rich_style + self.app.palette.news
        return ink.strip(spans, self.app.palette, base, self.size.width)

    def _paint(self, y: int, place: int) -> tuple[Line, bool]:
        line, cursor = super()._paint(y, place)
        if self.indent:
            line = (Span(" " * self.indent), *line)
        return line, cursor and self._has_cursor
