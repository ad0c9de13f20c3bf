"""The commands of the palette: the actions of all keys of the current screen, help topics, and a command for each theme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from textual.dom import DOMNode
from textual.fuzzy import Matcher
from textual.screen import Screen

from flowtui.ui.base.app_base import AppBase
from flowtui.ui.base.messages import ThemeChosen
from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.commands.help_screen import TOPICS, TopicScreen
from flowtui.ui.keys import bindings

_HIDDEN = frozenset({"palette", "command_line", "interrupt"})


class Offer(NamedTuple):
    """A command. `section`: its part of the screen; `key`: how its key is shown, "" without one; `run` runs it."""

    section: str
    text: str
    key: str
    run: Callable[[], object]


def places_of(screen: Screen[Any]) -> dict[str, DOMNode]:
    """Return name → widget of the parts of a screen that have keys, and of the application."""
    parts = screen.parts if isinstance(screen, ViewScreen) else {}
    return {**parts, bindings.APP: screen.app}


def nearest_first(screen: Screen[Any], places: Sequence[str]) -> list[str]:
    """Return parts of a screen in order, but first those whose widget has the focus, and last the keys of everywhere."""
    nodes, focused = places_of(screen), screen.focused
    here = [] if focused is None else [node for node in focused.ancestors_with_self if node is not screen]

    def distance(place: str) -> int:
        return 2 if place == bindings.APP else 0 if nodes.get(place) in here else 1

    return sorted(places, key=distance)


def offers_of(app: AppBase, screen: Screen[Any]) -> list[Offer]:
    """Return a command for each key of a screen. It runs the key's action on the widget that has it, wherever the focus is."""
    nodes, remapped = places_of(screen), app.user_keys
    offers: dict[str, Offer] = {}
    listed = screen.PLACES if isinstance(screen, ViewScreen) else ()
    order = [place for place in dict.fromkeys((*listed, *nodes)) if place in nodes]
    for place in nearest_first(screen, order):
        for key in bindings.KEYS:
            if key.where == place and key.id not in _HIDDEN and key.help not in offers:
                run = partial(app.run_action, key.action, nodes[place])
                shown = remapped.get(key.id, key.shown)
                offers[key.help] = Offer(bindings.TITLES[place], key.help, shown, run)
    topics = (
        Offer("Help", f"help on {name}: {topic.summary}", "", partial(_show_topic, app, name))
        for name, topic in TOPICS.items()
    )
    themes = (
        Offer("Themes", f"theme: {name}", "", partial(app.post_message, ThemeChosen(name)))
        for name in app.theme_names
    )
    return [*offers.values(), *topics, *themes]


def _show_topic(app: AppBase, name: str) -> None:
    app.push_screen(TopicScreen(name, TOPICS[name].text()))


def found_offers(offers: Sequence[Offer], words: str) -> list[Offer]:
    """Return the commands that match `words`, the best first: those that begin with them, then those with words that do.

    A word may be a key, or a part of the text or the section. If nothing has all words, letters of the text in their order
    are enough.
    """
    typed = words.casefold().strip()
    wanted = typed.split()

    def rank(offer: Offer) -> int | None:
        text = offer.text.casefold()
        whole = f"{text} {offer.section} {offer.key}".casefold()
        if words.strip() in offer.key.split() or text.startswith(typed):
            return 0
        if not all(word in whole for word in wanted):
            return None
        return 1 if all(f" {word}" in f" {text}" for word in wanted) else 2

    ranked = [(place, offer) for offer in offers if (place := rank(offer)) is not None]
    if ranked:
        return [offer for _, offer in sorted(ranked, key=lambda pair: pair[0])]
    matcher = Matcher(words)
    scored = [(score, offer) for offer in offers if (score := matcher.match(offer.text)) > 0]
    return [offer for _, offer in sorted(scored, key=lambda pair: -pair[0])]
