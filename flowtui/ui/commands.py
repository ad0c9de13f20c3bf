"""The command palette: every key of where one is, by its help, and the themes. Made from the key definitions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.types import IgnoreReturnCallbackType

from flowtui.ui.detail_pane import DetailPane
from flowtui.ui.keys import APP, DASHBOARD, KEYS, PANE, RUN, TABLE, THREADS
from flowtui.ui.run_table import RunTable
from flowtui.ui.thread_list import ThreadList

if TYPE_CHECKING:
    from flowtui.ui.app import FlowtuiApp

_HIDDEN = frozenset({"palette", "interrupt"})


class Commands(Provider):
    """Offers what keys do. A command runs its key's action on the part that has it, wherever the focus is."""

    def _places(self) -> dict[str, DOMNode]:
        """Return the parts of the screen that take keys here, the one with the focus first."""
        screen, places = self.screen, cast("dict[str, DOMNode]", {})
        if screen.query(DetailPane):
            if screen.id == "dashboard":
                places = {TABLE: screen.query_one(RunTable), THREADS: screen.query_one(ThreadList)}
            body = screen.query_one(DetailPane).body
            places = {PANE: body, **places} if body.has_focus else {**places, PANE: body}
            places[DASHBOARD if screen.id == "dashboard" else RUN] = screen
        return {**places, APP: self.app}

    def _offers(self) -> Iterator[tuple[str, IgnoreReturnCallbackType]]:
        app = cast("FlowtuiApp", self.app)
        remapped = app.settings.keys or {}
        seen: set[str] = set()
        for where, node in self._places().items():
            for key in KEYS:
                if key.where == where and key.id not in _HIDDEN and key.help not in seen:
                    seen.add(key.help)
                    told = f"{key.help}  ({remapped.get(key.id, key.shown)})"
                    yield told, partial(app.run_action, key.action, node)
        for name in app.theme_names:
            yield f"theme: {name}", partial(app.choose_theme, name)

    async def discover(self) -> Hits:
        """Offer everything before a word is typed."""
        for text, run in self._offers():
            yield DiscoveryHit(text, run)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for text, run in self._offers():
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), run)
