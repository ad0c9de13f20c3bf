"""The base class of the screens that consist of a header, a frame and a footer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.css.query import NoMatches

from flowtui import formatting
from flowtui.model.state.health import LOADING, LOST, REFUSED, STALE, Health
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.view import View
from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.keys import bindings
from flowtui.ui.keys.footer import footer
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.terminal.partial_paint import set_titles
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.frame_edge import content_of
from flowtui.ui.widgets.freshness_words import health_words
from flowtui.ui.widgets.movement import Movable
from flowtui.ui.widgets.placeholders import placeholder
from flowtui.ui.widgets.prompt import Prompt

_OLD: Final = frozenset({STALE, LOST, REFUSED})


class FramedScreen(ViewScreen):
    """Has bars called `header` and `footer`, and a container of the class `frame`. The first of `PLACES` is its own."""

    OF_A_LINE: ClassVar[frozenset[str]] = frozenset()
    """The ids of the keys that act on the line under the cursor."""

    @property
    def ready(self) -> bool:
        """Whether the screen may draw: also not while its bars are being removed."""
        if not super().ready:
            return False
        try:
            for name in ("#header", "#footer"):
                self.query_one(name)
        except NoMatches:
            return False
        return True

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest snapshot; None before the first."""
        return self.shown.snapshot

    @property
    def cause(self) -> str:
        """Why the data is not live; "" if it is, or before the first snapshot."""
        return self.snapshot.health(self.app.now()).cause if self.snapshot is not None else ""

    @property
    def old(self) -> bool:
        """Whether the data is stale: then it is drawn in grey. The header says how old it is."""
        return self.snapshot is not None and self.snapshot.health(self.app.now()).word in _OLD

    def unread(self, since: float, begin: float | None) -> bool:
        """Whether it is unknown what happened since a time: the API has not told yet, and the history begins later.

        `begin`: since when runs are remembered; None: none is. Then `placeholder` says what is awaited, or what is wrong.
        """
        snapshot = self.snapshot
        if snapshot is None or self.app.trouble or snapshot.stopped:
            return True
        if begin is not None and begin <= since:
            return False
        states = snapshot.threads.values()
        return not snapshot.read() or any(
            state.observed is None and state.failure is None for state in states
        )

    @property
    def typing(self) -> bool:
        """Whether the user types into a prompt."""
        return isinstance(self.focused, Prompt)

    def on_descendant_focus(self) -> None:
        """Draw again, as the footer shows the keys of the widget that has the focus."""
        if self._drawn:
            self.call_after_refresh(self.tick)

    def show_bar(self, name: str, spans: Line) -> None:
        """Show a line in the bar with the id `name`."""
        self.query_one(f"#{name}", Bar).show(spans)

    def show_header(self, notes: Sequence[Span] = (), right: Sequence[Span] = ()) -> None:
        """Draw the header: profile, host, freshness, rights, `notes`, and at the right end `right` and the clock.

        Without `right`, it is how many runs are active. If there is no room, parts are left out in this order: `read-only`,
        host, clock, profile, then the freshness, or if there is no `right` the number of active runs.
        """
        app, cells, now = self.app, self.size.width, self.app.now()
        health = self.snapshot.health(now) if self.snapshot is not None else Health(LOADING, "", None)
        word = health_words(health, now, app.zone)
        label = app.host_label
        live = Span(f"  {app.glyphs.live} {word.text}", word.role)
        state = [live, *(label.rights if label.actions else ()), *label.redaction, *notes]
        whole = [live, *label.rights, *label.redaction, *notes]
        clock = [Span(f" {formatting.clock(now, app.zone)} ", "dim")]
        brand, shown = label.brand, right or self._alive()
        for left, tail in (
            ([*brand, *label.host_spans, *whole], [*shown, *clock]),
            ([*brand, *label.host_spans, *state], [*shown, *clock]),
            ([*brand, *state], [*shown, *clock]),
            ([*brand, *state], shown),
            ([*brand[:1], *state], shown),
        ):
            if ink.width((*left, *tail)) + 1 <= cells:
                return self.show_bar("header", ink.spread(left, tail, cells))
        return self.show_bar("header", ink.spread(brand[:1], right or state, cells))

    def _alive(self) -> Line:
        """Return how many runs are queued or running."""
        active = self.shown.active()
        line = ink.line((formatting.count(active), "running" if active else "dim"), (" active ", "dim"))
        return ink.grey(line) if self.old else line

    def show_footer(self, *, typing: bool = False, incidents: bool = False, empty: bool = False) -> None:
        """Draw the keys of the screen, or of the prompt if the user is `typing`.

        `incidents`: the last one before them. `empty`: there is no line, so without the keys `OF_A_LINE`.
        """
        places = (bindings.PROMPT,) if typing else (self.PLACES[0], bindings.APP)
        told = self.snapshot.incidents[-1:] if incidents and self.snapshot is not None else ()
        foot = footer(
            places,
            self.size.width,
            "".join(told),
            remapped=self.app.user_keys,
            without=self.OF_A_LINE if empty else (),
        )
        self.query_one("#footer", Bar).show_foot(foot)

    def show_titles(self, title: Line, subtitle: str = "", *, frame: str = ".frame") -> None:
        """Draw the texts on the upper and the lower border of a frame. Of stale data, the title is one grey."""
        shown = ink.grey(title) if self.old else title
        set_titles(self.query_one(frame), content_of(self.app, shown), self.app.title_text(subtitle))

    def placeholder(self, cells: int, view: View | None = None) -> list[Line]:
        """Return the lines to show instead of rows, `cells` wide. `view`: what hides rows; None: nothing does."""
        app = self.app
        return placeholder(self.snapshot, view or View(), app.trouble, app.now(), cells, glyphs=app.glyphs)


class MovableScreen(FramedScreen):
    """Moves the cursor of one of its widgets by the movement keys, whichever of its widgets has the focus."""

    @property
    def _moved(self) -> Movable:
        """The widget that the movement keys are for: the first that has a cursor."""
        return next(widget for widget in self.query("*") if isinstance(widget, Movable))

    def action_move(self, step: int) -> None:
        """Move the cursor down by `step` entries; up, if negative."""
        self._moved.action_move(step)

    def action_page(self, pages: float) -> None:
        """Move the cursor down by `pages` pages; up, if negative."""
        self._moved.action_page(pages)

    def action_first(self) -> None:
        """Move the cursor to the first entry."""
        self._moved.action_first()

    def action_last(self) -> None:
        """Move the cursor to the last entry."""
        self._moved.action_last()
