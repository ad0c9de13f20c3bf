"""A key means the same on all screens that have it; `EXCEPTIONS` names those that differ, with the reason."""

from __future__ import annotations

from collections import defaultdict

from flowtui.ui.keys.bindings import APP, BRIEF, COMMAND, FILTER, KEYS, MOVES, PROMPT, RUN, TABLE, TIMELINE

MEANINGS = {
    "$": ("token",),
    "+": ("more", "zoom in"),
    "=": ("more", "zoom in"),
    "-": ("less", "zoom out"),
    "/": ("filter", "search", "find"),
    "1": ("overview",),
    "2": ("instructions",),
    "3": ("tools",),
    "4": ("messages",),
    "5": ("timeline",),
    "6": ("why",),
    "7": ("token",),
    "8": ("compare",),
    "9": ("raw",),
    "A": ("agent",),
    "B": ("group", "each agent", "by agents"),
    "E": ("save",),
    "J": ("next run",),
    "K": ("previous run",),
    "M": ("gate",),
    "R": ("refresh",),
    "S": ("reverse",),
    "W": ("notify me", "watches"),
    "Y": ("copy",),
    "Z": ("fold",),
    "[": ("previous",),
    "]": ("next",),
    "b": ("what happened", "older messages"),
    "ctrl+k": ("cancel",),
    "d": ("compare",),
    "f": ("fail",),
    "h": ("shorter", "previous time"),
    "l": ("longer", "next time"),
    "m": ("mark",),
    "n": ("next",),
    "o": ("browser",),
    "p": ("previous",),
    "r": ("refresh", "fetch"),
    "s": ("order",),
    "space": ("select", "fold"),
    "t": ("timeline",),
    "v": ("raw",),
    "w": ("notify me",),
    "y": ("copy",),
    "tab": ("next", "by ", "reasons"),
    "shift+tab": ("previous", "reasons"),
    "<": ("left", "back"),
    ">": ("right", "forward"),
}
"""Key → the words of which its help has one, on every screen. Keys that only one screen has need no entry."""

EXCEPTIONS = {
    "next_pane": "the dashboard has no time range: its panes are side by side",
    "previous_pane": "the dashboard has no time range: its panes are side by side",
    "run_next_tab": "a run has no time range: its tabs are side by side",
    "run_previous_tab": "a run has no time range: its tabs are side by side",
    "lane_earlier": "on the timeline, left and right are earlier and later",
    "lane_later": "on the timeline, left and right are earlier and later",
    "all": "0 is everything on the dashboard, and the present on the timeline",
    "lane_now": "0 is everything on the dashboard, and the present on the timeline",
    "apply": ". is the newest state: of the order, or of the time shown",
    "pause": "p freezes the order of the table; elsewhere it goes back, as n goes on",
    "gate_edit": "the gate has nothing to search, and its limits are its text",
}
"""Id of a key → why it differs."""

_TYPED = (PROMPT, FILTER, COMMAND)  # in a box, letters are text


def _shared():
    """Return key → the definitions on screens; those that go back and movement are left out."""
    found = defaultdict(list)
    for key in KEYS:
        back = key.action in ("leave", "back", "screen.leave")  # the key that opened a screen also closes it
        if not back and key.where not in (*_TYPED, APP) and key.action not in MOVES:
            for name in key.keys.split(","):
                found[name].append(key)
    return {name: keys for name, keys in found.items() if len({key.where for key in keys}) > 1}


def _differing():
    free = {"enter", "left", "right"}  # they open what the cursor is on, and move
    return {
        key.id: name
        for name, keys in _shared().items()
        for key in keys
        if name not in free and not any(word in key.help for word in MEANINGS.get(name, ()))
    }


def test_a_key_means_the_same_on_all_screens_but_for_named_exceptions():
    assert {id_: name for id_, name in _differing().items() if id_ not in EXCEPTIONS} == {}


def test_no_exception_is_left_that_is_not_needed():
    assert set(EXCEPTIONS) <= set(_differing())


def test_keys_that_users_know_by_heart_stay_where_they_are():
    where = {(key.where, name): key for key in KEYS for name in key.keys.split(",")}
    assert where["dashboard", "b"].action == "app.show_screen('brief')"
    assert where[RUN, "b"].action == "older"
    assert where[BRIEF, "escape"].action == "leave"
    assert where["dashboard", "s"].id == "sort"
    assert where["dashboard", "o"].id == "browser"
    assert (where[TIMELINE, "h"].id, where[TIMELINE, "l"].id) == ("lane_earlier", "lane_later")
    assert where[TABLE, "enter"].id == "open"
