"""The keys of the screens that open from the dashboard; see `bindings.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flowtui.ui.keys.key import BESIDE, Key, moves

TIMELINE: Final = "timeline"
EVENTS: Final = "events"
SPEND: Final = "spend"
GATE: Final = "gate"
FAILURES: Final = "failures"
AGENT: Final = "agent"
BRIEF: Final = "brief"

SCREEN_KEYS: Final[Mapping[str, tuple[Key, ...]]] = {
    TIMELINE: (
        Key("lane_earlier", "h,left", "previous run of the lane", "lane_run(-1)", BESIDE),
        Key("lane_later", "l,right", "next run of the lane", "lane_run(1)", "run"),
        *moves(
            "lane_down lane_up lane_first lane_last lane_page_down lane_page_up",
            (
                *("next lane", "previous lane", "first lane", "last lane"),
                *("a page of lanes down", "a page of lanes up"),
            ),
        ),
        Key("zoom_in", "+|=", "zoom in: show less time", "lane_zoom(-1)", BESIDE),
        Key("zoom_out", "-", "zoom out: show more time", "lane_zoom(1)", "zoom"),
        Key("scrub_back", "<|shift+left", "back by half the time shown", "scrub(-0.5)", BESIDE),
        Key("scrub_on", ">|shift+right", "forward by half the time shown", "scrub(0.5)", "time"),
        Key("lane_group", "B", "a lane for each agent, or for each thread", "group", "group"),
        Key("lane_now", "0,.", "go to the present and follow it; reorder threads", "now", "now"),
        Key("lane_open", "enter", "open the run", "open", "open"),
        Key("lane_copy", "y", "copy the run's id", "copy"),
        Key("lane_refresh", "r|R", "refresh everything now", "refresh_all"),
        Key("lane_back", "escape,q,t", "back to the table", "leave", "back"),
    ),
    EVENTS: (
        *moves(
            "event_down event_up event_first event_last event_page_down event_page_up",
            (
                "an older event",
                "a newer event",
                "newest event; the cursor then follows the newest",
                "the oldest event",
            ),
        ),
        Key("event_open", "enter", "open the run", "choose", "open"),
        Key("event_filter", "/", "search the events", "screen.narrow", "search"),
        Key("event_copy", "y", "copy the run's id", "screen.copy", "copy id"),
        Key("event_notify", "w", "on/off: notify me of the run", "screen.notify_run", "notify"),
        Key("event_agent", "A", "the page of the run's agent", "screen.open_agent", "agent"),
        Key("event_watches", "W", "all watches and rules; end one", "screen.watches", "watches"),
        Key("event_back", "escape,q,L", "clear the search, else go back", "screen.leave", "back"),
    ),
    SPEND: (
        *moves(
            "spend_down spend_up spend_first spend_last spend_page_down spend_page_up",
            ("next line", "previous line", "first line", "last line"),
        ),
        Key("spend_open", "enter", "show the line's runs in the table", "open", "its runs"),
        Key("spend_by", "tab,B", "by agents, models, threads or releases", "spend_by(1)", "by what"),
        Key("spend_by_back", "shift+tab", "the previous of these", "spend_by(-1)"),
        Key("spend_shorter", "h|left", "a shorter time", "span(-1)", BESIDE),
        Key(
            "spend_window",
            "l|right",
            "a longer time; the last one is the runs of the table",
            "span(1)",
            "time",
        ),
        Key("spend_order", "s", "order by cost, tokens, wasted, per run or growth", "order", "order"),
        Key(
            "spend_agent", "A", "the page of the agent, or of the agent of the dearest run", "agent", "agent"
        ),
        Key("spend_failed", "f", "show the line's failed runs in the table", "failed", "failed"),
        Key("spend_browser", "o", "open the page of its dearest run in a browser", "open_url"),
        Key("spend_copy", "y", "copy the id of the agent or thread, or the name", "copy", "copy id"),
        Key("spend_save", "E", "save as Markdown, JSON or CSV", "save", "save"),
        Key("spend_name_moment", "m", "mark this moment, such as a deployment", "name_moment"),
        Key("spend_refresh", "r|R", "refresh everything now", "refresh_all"),
        Key("spend_back", "escape,q,$", "back to the table", "leave", "back"),
    ),
    GATE: (
        *moves("gate_line_down gate_line_up gate_first gate_last gate_page_down gate_page_up"),
        Key("gate_edit", "/", "edit the limits", "edit", "limits"),
        Key("gate_older", "[,p", "judge since the previous mark", "other_mark(-1)", BESIDE),
        Key("gate_newer", "],n", "judge since the next mark", "other_mark(1)", "mark"),
        Key(
            "gate_shorter", "h|left", "a shorter base: down to 30m before the mark", "gate_window(-1)", BESIDE
        ),
        Key("gate_longer", "l|right", "a longer base: up to 24h before the mark", "gate_window(1)", "base"),
        Key("gate_by_agent", "B", "judge each agent alone, or all together", "by_agent", "by agent"),
        Key("gate_open", "enter", "show the runs since the mark in the table", "runs", "runs since"),
        Key("gate_failures", "f", "failed runs by reason", "app.show_screen('failures')", "failures"),
        Key("gate_notify", "w", "on/off: notify me of the verdict", "notify_verdict", "notify"),
        Key("gate_name_moment", "m", "mark this moment, such as a deployment", "name_moment"),
        Key("gate_copy", "y", "copy the page as text", "copy", "copy"),
        Key("gate_save", "E", "save the page as Markdown", "save"),
        Key("gate_refresh", "r|R", "refresh everything now", "refresh_all"),
        Key("gate_back", "escape,q,M", "back to the table", "leave", "back"),
    ),
    FAILURES: (
        *moves(
            "reason_down reason_up reason_first reason_last reason_page_down reason_page_up",
            ("next reason", "previous reason", "first reason", "last reason"),
        ),
        Key("reason_open", "enter", "show the reason's runs in the table", "open", "its runs"),
        Key("reason_why", "6", "why the newest of its runs failed", "why", "why"),
        Key("reason_shorter", "h|left", "a shorter time range", "span(-1)", BESIDE),
        Key(
            "reason_longer",
            "l|right",
            "a longer time range; the last one begins with the newest mark",
            "span(1)",
            "time",
        ),
        Key("reason_notify", "w", "on/off: notify me when runs fail for it again", "notify_reason", "notify"),
        Key("reason_agent", "A", "the page of the agent with most of its runs", "agent", "agent"),
        Key("reason_copy", "y", "copy the reason, its counts and the ids of its runs", "copy", "copy"),
        Key("reason_order", "s", "choose the order: count, what is new, the last failure", "order", "order"),
        Key("reason_filter", "/", "search reasons, tools and agents", "filter", "search"),
        Key(
            "reason_gate",
            "M",
            "the deploy gate: are runs worse since a mark?",
            "app.show_screen('gate')",
            "gate",
        ),
        Key("reason_save", "E", "save as Markdown, JSON or CSV", "save", "save"),
        Key("reason_refresh", "r|R", "refresh everything now", "refresh_all"),
        Key("reason_back", "escape,q,f", "clear the search, else go back to the table", "leave", "back"),
    ),
    AGENT: (
        *moves("agent_down agent_up agent_first agent_last agent_page_down agent_page_up"),
        Key("agent_shorter", "h|left", "a shorter time range", "range(-1)", BESIDE),
        Key("agent_longer", "l|right", "a longer time range", "range(1)", "time"),
        Key("agent_open", "enter", "open the run, or what the line is about", "open", "run"),
        Key("agent_failures", "f", "show its failed runs in the table", "failures", "failures"),
        Key("agent_list", "tab|shift+tab", "to the reasons and changes, or back to the runs", "other_list"),
        Key(
            "agent_gate",
            "M",
            "the deploy gate: are runs worse since a mark?",
            "app.show_screen('gate')",
            "gate",
        ),
        Key("agent_changes", "8|d", "compare configurations before and after a change", "changes", "changes"),
        Key("agent_previous", "[|p", "the previous agent by name", "other_agent(-1)", BESIDE),
        Key("agent_next", "]|n", "the next agent by name", "other_agent(1)", "other agent"),
        Key("agent_notify", "w", "on/off: notify me when runs of the agent fail", "notify_agent", "notify"),
        Key("agent_copy", "y", "copy the agent's id", "copy", "copy id"),
        Key("agent_save", "E", "save the page as Markdown", "save", "save"),
        Key("agent_name_moment", "m", "mark this moment, such as a deployment", "name_moment"),
        Key("agent_refresh", "r|R", "refresh everything now", "refresh_all"),
        Key("agent_back", "escape,q|A", "back to the table", "leave", "back"),
    ),
    BRIEF: (
        *moves(
            "brief_down brief_up brief_first brief_last brief_page_down brief_page_up",
            ("to the next thing that can be opened", "to the previous one", "to the top", "to the end"),
        ),
        Key("brief_open", "enter", "open what the cursor is on", "open", "open"),
        Key("brief_previous", "h|left", "a shorter time range", "range(-1)", BESIDE),
        Key("brief_next", "l|right", "a longer time range: last night, 24h, 7d", "range(1)", "time"),
        Key(
            "brief_failures",
            "f",
            "failed runs by reason",
            "app.show_screen('failures')",
            "failures",
        ),
        Key(
            "brief_spend",
            "$",
            "who spends tokens and money, and how much is wasted",
            "app.show_screen('spend')",
            "spend",
        ),
        Key("brief_timeline", "t", "timeline of all threads", "app.show_screen('timeline')", "timeline"),
        Key(
            "brief_gate",
            "M",
            "the deploy gate: are runs worse since a mark?",
            "app.show_screen('gate')",
            "gate",
        ),
        Key("brief_agent", "A", "the page of the agent that the cursor is on", "agent", "agent"),
        Key("brief_copy", "y", "copy the page as text", "copy", "copy"),
        Key("brief_save", "E", "save the page as Markdown", "save_brief", "save"),
        Key("brief_name_moment", "m", "mark this moment, such as a deployment", "name_moment"),
        Key("brief_refresh", "r|R", "refresh everything now", "refresh_all"),
        Key("brief_back", "escape,q,b", "back to the table", "leave", "back"),
    ),
}
"""Part of the screen → its keys."""
