"""The commands of the palette: the actions of all keys of the current screen, and a command for each theme."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.screen import Screen
from textual.types import IgnoreReturnCallbackType

from flowtui.ui.base.app_base import AppBase
from flowtui.ui.base.messages import ThemeChosen
from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.keys import bindings

_HIDDEN = frozenset({"palette", "command_line", "interrupt"})


def places_of(screen: Screen[Any]) -> dict[str, DOMNode]:
    """Return name → widget of the parts of a screen that have keys, and of the application."""
    parts = screen.parts if isinstance(screen, ViewScreen) else {}
    return {**parts, bindings.APP: screen.app}


class Commands(Provider):
    """Lists a command for each key. It runs the key's action on the widget that has the key, wherever the focus is."""

    app: AppBase

    def _offers(self) -> Iterator[tuple[str, IgnoreReturnCallbackType]]:
        app = self.app
        remapped = app.user_keys
        seen: set[str] = set()
        for where, node in places_of(self.screen).items():
            for key in bindings.KEYS:
                if key.where == where and key.id not in _HIDDEN and key.help not in seen:
                    seen.add(key.help)
                    told = f"{key.help}  ({remapped.get(key.id, key.shown)})"
                    yield told, partial(app.run_action, key.action, node)
        for name in app.theme_names:
            yield f"theme: {name}", partial(app.post_message, ThemeChosen(name))

    async def discover(self) -> Hits:
        """Yield every command; called while nothing is typed."""
        for text, run in self._offers():
            yield DiscoveryHit(text, run)

    async def search(self, query: str) -> Hits:
        """Yield the commands that match `query`."""
        matcher = self.matcher(query)
        for text, run in self._offers():
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), run)
