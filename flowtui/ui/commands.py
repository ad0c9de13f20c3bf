"""The command palette: every key of where one is, by its help, and the themes. Made from the key definitions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from flowtui.ui.keys import APP, DASHBOARD, KEYS, PANE, RUN, TABLE, THREADS

if TYPE_CHECKING:
    from flowtui.ui.app import FlowtuiApp

_HIDDEN = frozenset({"palette", "interrupt"})


class Commands(Provider):
    """Offers what keys do. A command presses its key, so that there is one way to do each thing."""

    def _offers(self) -> Iterator[tuple[str, IgnoreReturnCallbackType]]:
        app = cast("FlowtuiApp", self.app)
        here = (RUN, PANE) if self.screen.id != "dashboard" else (TABLE, DASHBOARD, THREADS, PANE)
        seen: set[str] = set()
        for key in KEYS:
            if key.where in (*here, APP) and key.id not in _HIDDEN and key.help not in seen:
                seen.add(key.help)
                yield f"{key.help}  ({key.shown})", partial(app.press, key.keys.split(",")[0])
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
