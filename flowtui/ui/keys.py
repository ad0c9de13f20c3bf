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
PROMPT: Final = "prompt"

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
    Key("apply", "full_stop", ".", "apply the order that waits", "apply", TABLE),
    Key("columns_right", "right,greater_than_sign", "→ >", "columns further right", "columns(1)", TABLE),
    Key("columns_left", "left,less_than_sign", "← <", "columns further left", "columns(-1)", TABLE),
    Key("thread_down", "j,down,right", "j ↓", "next thread", "move(1)", THREADS),
    Key("thread_up", "k,up,left", "k ↑", "previous thread", "move(-1)", THREADS),
    Key("thread_first", "g,home", "g", "all threads", "first", THREADS),
    Key("thread_last", "G,end", "G", "last thread", "last", THREADS),
    Key("thread_open", "enter", "enter", "to the runs of the thread", "open", THREADS, "runs"),
    Key("line_down", "j,down", "j ↓", "a line down", "line(1)", PANE),
    Key("line_up", "k,up", "k ↑", "a line up", "line(-1)", PANE),
    Key("pane_down", "pagedown,ctrl+d,ctrl+f", "pgdn", "a page down", "page(1)", PANE),
    Key("pane_up", "pageup,ctrl+u,ctrl+b", "pgup", "a page up", "page(-1)", PANE),
    Key("pane_first", "g,home", "g", "to the start", "top", PANE),
    Key("pane_last", "G,end", "G", "to the end", "bottom", PANE),
    Key("fold", "space,enter", "space", "fold or unfold what is under the cursor", "fold", PANE, "fold"),
    Key("fold_all", "Z", "Z", "fold all, or unfold all", "fold_all", PANE),
    Key("find", "slash", "/", "find in the pane", "find", PANE, "find"),
    Key("find_next", "n", "n", "next match", "find_next(1)", PANE),
    Key("find_previous", "N", "N", "previous match", "find_next(-1)", PANE),
    Key("filter", "slash", "/", "filter the runs: words, fields, /regex/", "filter", DASHBOARD, "filter"),
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
    Key("zoom", "z", "z", "zoom the pane, or back", "zoom", DASHBOARD, "zoom"),
    Key("next_pane", "tab,l", "tab l", "next pane", "next_pane", DASHBOARD),
    Key("previous_pane", "shift+tab,h", "shift+tab h", "previous pane", "previous_pane", DASHBOARD),
    Key("tab_overview", "1", "1", "overview of the run", "tab(0)", DASHBOARD),
    Key("tab_instructions", "2", "2", "its instructions", "tab(1)", DASHBOARD),
    Key("tab_tools", "3", "3", "its tools", "tab(2)", DASHBOARD),
    Key("tab_usage", "4", "4", "its tokens", "tab(3)", DASHBOARD),
    Key("tab_raw", "5", "5", "its raw JSON", "tab(4)", DASHBOARD),
    Key("raw", "v", "v", "open the raw JSON", "raw", DASHBOARD),
    Key("browser", "o", "o", "open the run's page in a browser", "open_url", DASHBOARD),
    Key("slower", "minus", "-", "poll slower", "pace(2.0)", DASHBOARD),
    Key("faster", "plus,equals_sign", "+", "poll faster", "pace(0.5)", DASHBOARD),
    Key("copy", "y", "y", "copy the run's id", "copy", DASHBOARD, "copy id"),
    Key("back", "escape", "esc", "back: filter, thread, pane", "back", DASHBOARD),
    Key("quit", "q", "q", "quit", "quit_or_back", DASHBOARD, "quit"),
    Key("run_overview", "1", "1", "overview", "tab(0)", RUN),
    Key("run_instructions", "2", "2", "instructions", "tab(1)", RUN),
    Key("run_tools", "3", "3", "tools", "tab(2)", RUN),
    Key("run_usage", "4", "4", "tokens", "tab(3)", RUN),
    Key("run_raw", "5,v", "5 v", "raw JSON", "tab(4)", RUN),
    Key("run_next_tab", "tab,l,right", "tab l", "next tab", "step_tab(1)", RUN, "next tab"),
    Key("run_previous_tab", "shift+tab,h,left", "shift+tab h", "previous tab", "step_tab(-1)", RUN),
    Key("run_refresh", "r", "r", "fetch the run again", "refresh", RUN, "refresh"),
    Key("run_copy", "y", "y", "copy the run's id", "copy", RUN, "copy id"),
    Key("run_back", "escape,q", "esc q", "back to the table", "close", RUN, "back"),
    Key("palette", "ctrl+p,colon", ":", "every command, searchable", "command_palette", APP, "command"),
    Key("prompt_keep", "enter,down", "enter", "keep what was typed", "submit", PROMPT, "keep"),
    Key("prompt_cancel", "escape", "esc", "take it back", "cancel", PROMPT, "take back"),
    Key("help", "question_mark", "?", "the keys of where you are", "help", APP, "help"),
    Key("screenshot", "ctrl+s", "ctrl+s", "save a picture of the screen", "picture", APP),
    Key("interrupt", "ctrl+c", "ctrl+c", "twice: quit at once", "interrupt", APP),
)

TITLES: Final = {
    TABLE: "In the table of runs",
    THREADS: "In the list of threads",
    PANE: "In a pane of text",
    DASHBOARD: "On the dashboard",
    RUN: "On the run screen",
    PROMPT: "In a filter or a search",
    APP: "Everywhere",
}


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


def markdown() -> str:
    """Return the keys as the README's table."""
    lines = ["| key | what it does | id |", "| --- | --- | --- |"]
    for where, title in TITLES.items():
        lines.append(f"| | **{title}** | |")
        lines += [
            f"| `{key.shown.replace(' ', '` `')}` | {key.help} | {key.id} |"
            for key in KEYS
            if key.where == where
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown())  # noqa: T201  the command that makes the README's table
