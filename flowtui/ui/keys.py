"""The keys: one definition of each, with its id, help and action. Footer, help and the README's table come from here.

Ids are what a config remaps. Plain letters never do anything irreversible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `where` is the part of the screen it belongs to, `shown` how people write it, `foot` its footer word."""

    id: str
    keys: str
    shown: str
    help: str
    action: str
    where: str
    foot: str = ""


TABLE: Final = "table"
THREADS: Final = "threads"
PANE: Final = "pane"
DASHBOARD: Final = "dashboard"
RUN: Final = "run"
APP: Final = "app"

KEYS: Final = (
    Key("open", "enter", "enter", "open the run", "open", TABLE, "open"),
    Key("down", "j,down", "j ↓", "next run", "move(1)", TABLE),
    Key("up", "k,up", "k ↑", "previous run", "move(-1)", TABLE),
    Key("first", "g,home", "g", "first run, and stay with the newest", "first", TABLE),
    Key("last", "G,end", "G", "last run", "last", TABLE),
    Key("half_down", "ctrl+d", "ctrl+d", "half a page down", "page(0.5)", TABLE),
    Key("half_up", "ctrl+u", "ctrl+u", "half a page up", "page(-0.5)", TABLE),
    Key("page_down", "pagedown,ctrl+f", "pgdn", "a page down", "page(1)", TABLE),
    Key("page_up", "pageup,ctrl+b", "pgup", "a page up", "page(-1)", TABLE),
    Key("thread_down", "j,down,right", "j ↓", "next thread", "move(1)", THREADS),
    Key("thread_up", "k,up,left", "k ↑", "previous thread", "move(-1)", THREADS),
    Key("thread_first", "g,home", "g", "all threads", "first", THREADS),
    Key("thread_last", "G,end", "G", "last thread", "last", THREADS),
    Key("thread_open", "enter", "enter", "to the runs of the thread", "open", THREADS, "runs"),
    Key("line_down", "j,down", "j ↓", "a line down", "scroll_down", PANE),
    Key("line_up", "k,up", "k ↑", "a line up", "scroll_up", PANE),
    Key("pane_down", "pagedown,ctrl+d,space", "pgdn", "a page down", "page_down", PANE),
    Key("pane_up", "pageup,ctrl+u", "pgup", "a page up", "page_up", PANE),
    Key("pane_first", "g,home", "g", "to the start", "scroll_home", PANE),
    Key("pane_last", "G,end", "G", "to the end", "scroll_end", PANE),
    Key("sort", "s", "s", "sort by the next column", "sort", DASHBOARD, "sort"),
    Key("invert", "S", "S", "invert the order", "invert", DASHBOARD),
    Key("active", "a", "a", "active runs only, or all", "only('active')", DASHBOARD, "active"),
    Key(
        "problems",
        "exclamation_mark",
        "!",
        "problems only, or all",
        "only('problems')",
        DASHBOARD,
        "problems",
    ),
    Key("all", "0", "0", "all runs of all threads", "all", DASHBOARD),
    Key("pause", "p", "p", "pause the table, or go on", "pause", DASHBOARD, "pause"),
    Key("refresh", "r", "r", "look at this thread now", "refresh", DASHBOARD, "refresh"),
    Key("refresh_all", "R", "R", "look at everything now", "refresh_all", DASHBOARD),
    Key("next_pane", "tab,l", "tab l", "next pane", "next_pane", DASHBOARD),
    Key("previous_pane", "shift+tab,h", "shift+tab h", "previous pane", "previous_pane", DASHBOARD),
    Key("tab_overview", "1", "1", "overview of the run", "tab(0)", DASHBOARD),
    Key("tab_instructions", "2", "2", "its instructions", "tab(1)", DASHBOARD),
    Key("tab_tools", "3", "3", "its tools", "tab(2)", DASHBOARD),
    Key("tab_raw", "4", "4", "its raw JSON", "tab(3)", DASHBOARD),
    Key("back", "escape", "esc", "back: all runs, then the table", "back", DASHBOARD),
    Key("run_overview", "1", "1", "overview", "tab(0)", RUN, "overview"),
    Key("run_instructions", "2", "2", "instructions", "tab(1)", RUN, "instructions"),
    Key("run_tools", "3", "3", "tools", "tab(2)", RUN, "tools"),
    Key("run_raw", "4", "4", "raw JSON", "tab(3)", RUN, "raw"),
    Key("run_next_tab", "tab,l,right", "tab l", "next tab", "next_tab", RUN),
    Key("run_previous_tab", "shift+tab,h,left", "shift+tab h", "previous tab", "previous_tab", RUN),
    Key("run_refresh", "r", "r", "fetch the run again", "refresh", RUN, "refresh"),
    Key("run_back", "escape,q", "esc q", "back to the table", "close", RUN, "back"),
    Key("help", "question_mark", "?", "this help", "help", APP, "help"),
    Key("quit", "q", "q", "quit", "quit_or_back", DASHBOARD, "quit"),
    Key("interrupt", "ctrl+c", "ctrl+c", "twice: quit at once", "interrupt", APP),
)


def bindings(where: str) -> list[BindingType]:
    """Return Textual's bindings for one part of the screen."""
    return [
        Binding(
            key.keys,
            key.action,
            key.help,
            show=False,
            id=key.id,
            priority=key.where == APP and key.id == "interrupt",
        )
        for key in KEYS
        if key.where == where
    ]
