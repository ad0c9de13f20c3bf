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
from flowtui.ui.events.event_list import EventList
from flowtui.ui.grouping.group_list import GroupList
from flowtui.ui.keys import bindings
from flowtui.ui.run.detail_pane import DetailPane
from flowtui.ui.table.run_table import RunTable

_HIDDEN = frozenset({"palette", "command_line", "interrupt"})


def places_of(screen: Screen[Any]) -> dict[str, DOMNode]:
    """Return name → widget of the parts of a screen that have keys. A detail pane that has the focus comes first."""
    places: dict[str, DOMNode] = {}
    if screen.query(DetailPane):
        if screen.name == "dashboard":
            places = {
                bindings.TABLE: screen.query_one(RunTable),
                bindings.THREADS: screen.query_one(GroupList),
            }
        body = screen.query_one(DetailPane).body
        places = {bindings.PANE: body, **places} if body.has_focus else {**places, bindings.PANE: body}
        places[bindings.DASHBOARD if screen.name == "dashboard" else bindings.RUN] = screen
    elif screen.name in (bindings.TIMELINE, bindings.USAGE, bindings.GATE):
        places[screen.name] = screen
    elif screen.name == bindings.EVENTS:
        places[bindings.EVENTS] = screen.query_one(EventList)
    return {**places, bindings.APP: screen.app}


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
