"""The definitions of all keys. Bindings, footer, help and the README's table are made from them.

In a config file, the user can change a key by its id. No single letter does anything that cannot be undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.binding import Binding, BindingType

from flowtui.ui.keys import screen_keys
from flowtui.ui.keys.key import BESIDE, MOVEMENTS, Key, moves

TABLE: Final = "table"
THREADS: Final = "threads"
PANE: Final = "pane"
DASHBOARD: Final = "dashboard"
RUN: Final = "run"
APP: Final = "app"
PROMPT: Final = "prompt"
FILTER: Final = "filter"
TIMELINE: Final = screen_keys.TIMELINE
EVENTS: Final = screen_keys.EVENTS
SPEND: Final = screen_keys.SPEND
GATE: Final = screen_keys.GATE
FAILURES: Final = screen_keys.FAILURES
AGENT: Final = screen_keys.AGENT
BRIEF: Final = screen_keys.BRIEF
COMMAND: Final = "command"

_PARTS: Final[Mapping[str, tuple[Key, ...]]] = {
    TABLE: (
        Key("open", "enter", "open the run", "open", "open"),
        *moves(
            "down up first last half_down half_up page_down page_up",
            ("next run", "previous run", "first run; the table then stays at the top", "last run"),
            moves="down up first last half_down half_up full_down full_up",
        ),
        Key("select", "space", "select the run, or deselect it", "select"),
        Key("select_range", "V", "select all from the last selected run to here", "select_range"),
        Key("apply", ".", "show the newest order now", "apply"),
        Key("columns_right", "right,>", "show columns further right", "columns(1)"),
        Key("columns_left", "left,<", "show columns further left", "columns(-1)"),
    ),
    THREADS: (
        *moves(
            "thread_down thread_up thread_first thread_last",
            ("next group", "previous group", "all groups", "last group"),
            moves="next previous first last",
        ),
        Key("thread_open", "enter", "go to the runs of the group", "open", "runs"),
    ),
    PANE: (
        *moves(
            "line_down line_up pane_down pane_up pane_first pane_last",
            moves="down up page_down page_up first last",
        ),
        Key("fold", "space|enter", "fold or unfold what is under the cursor", "fold", "fold"),
        Key("fold_all", "Z", "fold all, or unfold all", "fold_all"),
        Key("find", "/", "find in the pane", "find", "find"),
        Key("find_next", "n", "next match", "find_next(1)"),
        Key("find_previous", "N", "previous match", "find_next(-1)"),
    ),
    DASHBOARD: (
        Key("filter", "/", "filter the runs: words, fields, /regex/", "filter", "filter"),
        Key("views", "F", "saved views: show one, or save the current view", "views"),
        Key("active", "a", "active runs only, or all", "only('active')", "active"),
        Key("problems", "!", "problems only, or all", "only('problems')", "problems"),
        Key(
            "failures",
            "f",
            "failed runs by reason: when, whose, since which release",
            "app.show_screen('failures')",
            "failures",
        ),
        Key("brief", "b", "what happened since you left, on one page", "app.show_screen('brief')", "brief"),
        Key("sort", "s", "choose the order from a menu", "sort", "order"),
        Key("invert", "S", "reverse the order", "invert"),
        Key("all", "0", "show all runs of all threads, without a filter", "all"),
        Key("group", "B", "group by thread, agent, model or status", "group"),
        Key("pause", "p", "freeze or unfreeze the order of the rows", "pause", "pause"),
        Key("refresh", "r", "refresh the chosen thread, or all if none is chosen", "refresh", "refresh"),
        Key("refresh_all", "R", "refresh everything now", "refresh_all"),
        Key("zoom", "z", "show only this pane, or all panes again", "zoom", "zoom"),
        Key("next_pane", "tab,l", "next pane", "pane(1)"),
        Key("previous_pane", "shift+tab,h", "previous pane", "pane(-1)"),
        Key("tab_overview", "1", "tab: overview", "tab(0)"),
        Key("tab_instructions", "2", "tab: instructions", "tab(1)"),
        Key("tab_tools", "3", "tab: tools", "tab(2)"),
        Key("tab_messages", "4", "tab: messages", "tab(3)"),
        Key("tab_timeline", "5", "tab: timeline", "tab(4)"),
        Key("tab_why", "6", "tab: why it failed, and what looks wrong", "tab(5)"),
        Key("tab_usage", "7", "tab: tokens", "tab(6)"),
        Key("tab_diff", "8", "tab: compare its configuration with another run's", "tab(7)"),
        Key("tab_raw", "9", "tab: raw JSON", "tab(8)"),
        Key("raw", "v", "raw JSON on the whole screen", "open_tab(8)"),
        Key("diff", "d", "compare with the selected or agent's previous run", "open_tab(7)", "diff"),
        Key("timeline", "t", "timeline of all threads", "app.show_screen('timeline')", "timeline"),
        Key(
            "spend",
            "$",
            "who spends tokens and money, and how much is wasted",
            "app.show_screen('spend')",
            "spend",
        ),
        Key("name_moment", "m", "mark this moment, such as a deployment", "name_moment"),
        Key("gate", "M", "the deploy gate: are runs worse since a mark?", "app.show_screen('gate')"),
        Key("agent", "A", "the agent of the run, or of the chosen group", "open_agent", "agent"),
        Key("choose_columns", "C", "choose columns, order and widths; add by JSON path", "choose_columns"),
        Key("browser", "o", "open the run's page in a browser", "open_url"),
        Key("profile", "P", "switch to another profile: key, team, address", "app.profiles"),
        Key("slower", "-", "poll less often", "pace(2.0)"),
        Key("faster", "+|=", "poll more often", "pace(0.5)"),
        Key("copy", "y", "copy the run's id", "copy", "copy id"),
        Key("copy_menu", "Y", "copy more of the run: JSON, curl, row, report", "copy_menu"),
        Key("export", "E", "save the filtered runs to a file", "app.export"),
        Key("cancel", "ctrl+k", "cancel the run or the selected runs; asks first", "cancel_runs"),
        Key("notify", "w", "on/off: notify me of the run or the selected runs", "notify_run"),
        Key("notify_filter", "W", "on/off: notify me of new matches of the filter", "notify_filter"),
        Key(
            "events",
            "L",
            "event log: what happened since flowtui started",
            "app.show_screen('events')",
            "log",
        ),
        Key("back", "escape", "clear filter, else selection, else group", "back"),
        Key("quit", "q", "quit", "app.quit_now", "quit"),
    ),
    RUN: (
        Key("run_overview", "1", "overview", "tab(0)"),
        Key("run_instructions", "2", "instructions", "tab(1)"),
        Key("run_tools", "3", "tools", "tab(2)"),
        Key("run_messages", "4", "messages", "tab(3)", "messages"),
        Key("run_timeline", "5,t", "timeline", "tab(4)"),
        Key("run_why", "6", "why it failed, and what looks wrong", "tab(5)", "why"),
        Key("run_usage", "7", "tokens", "tab(6)"),
        Key("run_diff", "8,d", "compare with the selected or agent's previous run", "tab(7)", "diff"),
        Key("run_raw", "9,v", "raw JSON", "tab(8)"),
        Key("run_agent", "A", "the agent of the run", "open_agent"),
        Key("run_failures", "f", "show the runs that failed for the same reason", "same_reason"),
        Key(
            "run_gate",
            "M",
            "the deploy gate: are runs worse since a mark?",
            "app.show_screen('gate')",
        ),
        Key("run_next", "J,]", "next run of the table", "step_run(1)", BESIDE),
        Key("run_previous", "K,[", "previous run of the table", "step_run(-1)", "next, previous run"),
        Key("run_older", "b", "read older messages", "older"),
        Key("run_next_tab", "tab,l|right", "next tab", "step_tab(1)", "next tab"),
        Key("run_previous_tab", "shift+tab,h|left", "previous tab", "step_tab(-1)"),
        Key("run_refresh", "r", "fetch the run again", "refresh", "refresh"),
        Key("run_copy", "y", "copy the run's id", "copy", "copy id"),
        Key("run_copy_menu", "Y", "copy more of the run: JSON, curl, row, report", "copy_menu"),
        Key("run_report", "E", "save a report of the run", "report"),
        Key("run_browser", "o", "open the run's page in a browser", "open_url"),
        Key("run_cancel", "ctrl+k", "cancel the run; asks first", "cancel_runs"),
        Key(
            "run_notify",
            "w",
            "on/off: notify me when the run ends, or when the reason of a failed one comes again",
            "notify_run",
            "notify",
        ),
        Key("run_back", "escape,q", "back to the table", "leave", "back"),
    ),
    **screen_keys.SCREEN_KEYS,
    PROMPT: (
        Key("prompt_keep", "enter|down", "keep what was typed", "submit", "keep"),
        Key("prompt_cancel", "escape", "discard what was typed", "cancel", "take back"),
    ),
    FILTER: (
        Key(
            "filter_complete",
            "tab",
            "insert the highlighted entry; also → at the end",
            "complete",
            "complete",
        ),
        Key("filter_next", "down", "next entry of the list", "choose(1)", "choose"),
        Key("filter_previous", "up", "previous entry of the list", "choose(-1)"),
        Key("filter_clear", "ctrl+u", "clear the filter", "clear", "clear"),
    ),
    COMMAND: (
        Key("command_do", "enter", "run the command", "screen.submit", "do it"),
        Key("command_next", "tab", "insert the next entry of the list", "screen.complete(1)", "complete"),
        Key("command_previous", "shift+tab", "insert the previous entry of the list", "screen.complete(-1)"),
        Key("command_older", "up|ctrl+p", "older command of the history", "screen.history(1)", "history"),
        Key("command_newer", "down|ctrl+n", "newer command of the history", "screen.history(-1)"),
        Key("command_close", "escape", "close without running a command", "cancel", "close"),
    ),
    APP: (
        Key("command_line", ":", "run a command by its name", "command_line", "command"),
        Key("palette", "ctrl+p", "search all commands", "command_palette"),
        Key("help", "?", "the keys available here", "help", "help"),
        Key("screenshot", "ctrl+s", "save a picture of the screen", "picture"),
        Key("measure", "ctrl+o", "show/hide flowtui's own delays, memory, requests", "measure"),
        Key("suspend", "ctrl+z", "suspend flowtui; the shell's fg resumes it", "suspend_process"),
        Key("interrupt", "ctrl+c", "pressed twice: quit at once", "interrupt"),
    ),
}
"""Part of the screen → its keys."""

KEYS: Final = tuple(
    Key(key.id, key.names, key.help, key.action, key.foot, where)
    for where, keys in _PARTS.items()
    for key in keys
)

TITLES: Final = {
    TABLE: "In the table of runs",
    THREADS: "In the list of groups",
    PANE: "In a pane of text",
    DASHBOARD: "On the dashboard",
    RUN: "On the run screen",
    TIMELINE: "On the timeline",
    EVENTS: "In the event log",
    SPEND: "On the Spend screen",
    GATE: "On the deploy gate screen",
    FAILURES: "On the failures screen",
    AGENT: "On the page of an agent",
    BRIEF: "On the brief",
    PROMPT: "In a filter or a search",
    FILTER: "In a filter",
    COMMAND: "In the command line",
    APP: "Everywhere",
}

MOVES: Final = tuple({action: None for *_, action in MOVEMENTS.values()})
"""The actions of the movement keys."""


def bindings(where: str, *actions: str) -> list[BindingType]:
    """Return Textual's bindings for one part of the screen, or only those for `actions`."""
    return [
        Binding(key.keys, key.action, key.help, show=False, id=key.id, priority=key.id == "interrupt")
        for key in KEYS
        if key.where == where and (not actions or key.action in actions)
    ]


def markdown() -> str:
    """Return the README's table of keys."""
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
    print(markdown())  # noqa: T201  the command prints the README's table
