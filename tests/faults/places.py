"""The places where the dashboard draws server text: the keys that lead there, and what the screen must show.

The words come from the fault `text-everywhere`, see `flowtui/simulator/faults/text_everywhere.py`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

ESC, ENTER, TAB, CTRL_K, CTRL_P, CTRL_S = "\x1b", "\r", "\t", "\x0b", "\x10", "\x13"
TABLE: Final = r"╭─ Threads (?s:.*) enter open   / filter"
END: Final = r"…\S*␡\S*\[b\]␍␊␉\|"
"""The end of an id whose start is cut off: the end of the hostile text after it."""


class Step(NamedTuple):
    """Keys, and what the screen shows after them; `place` names the place whose text is checked, "" for a step on the way.

    On the screen `␛` is before the word of a field.
    """

    place: str
    keys: str
    shows: str


WORDS: Final = (
    *("ZrunId", "ZrunModel", "ZrunStatus", "ZrunObject", "ZrunInstructions", "ZrunName", "ZrunDescription"),
    *("ZrunConfigkey", "ZrunMetadata", "ZrunMetadatakey", "ZthreadId", "ZagentId", "ZagentName"),
    *("ZmessageRole", "ZmessageText", "ZmessageToolname", "ZmessageArgskey", "ZmessageOutput"),
    *("ZspanMessage", "ZspanSpanname", "ZspanExceptiontype", "ZspanGenairequestmodel", "ZspanGroup"),
    *("ZspanSeekrmetadatakey", "ZspanSeekrmetadata", "ZerrorDetail", "ZerrorRay"),
)
"""Words of the fields that the dashboard draws."""

RUN = (
    Step("", "", r"3/3 threads.* 24 known runs"),
    Step(
        "cells",
        "",
        rf"│ . \w+\? +{END} +{END} +␛ZagentName\S* +␛ZrunModel(?s:.*)╭─ Outcomes(?s:.*)\n╰─(?s:.*) enter open   / filter",
    ),
    Step("labels of threads", "", rf"│  {END} "),
    Step("inferred status", "", r"completed\?.* status '␛ZrunSta"),
    Step("title of a pane", "gjj", r"╭─ run_\w+␛ZrunId␛\]0;pwn"),
    Step("reason of a failure", "", r"× failed \(inferred\)  ␛ZspanMessage"),
    Step("", f"{ENTER}1", r"3 Tools 5(?s:.*)What it did(?s:.*)␛ZspanSpanname"),
    Step(
        "labels",
        "ZG",
        r"label\.␛ZspanSeekrmetadatakey\S*… ␛ZspanSeekrmetadata␛(?s:.*)tools +web_search\(␛ZrunName",
    ),
    Step(
        "overview",
        "k" * 18,
        r"object +␛ZrunObject(?s:.*)agent +␛ZagentName(?s:.*)\(agent_\w+␛ZagentId(?s:.*)server's status is\s(?s:.*)'␛ZrunStatus",
    ),
    Step("group", "", r" group +␛ZspanGroup"),
    Step("title of a run", "", r"╭─ run_\w+␛ZrunId"),
    Step("head of a run", "", r"run 3 of 24 +run_\w+␛ZrunId"),
    Step("instructions", "2", r"│ +␛ZrunInstructions␛"),
    Step("tools", "3", r"▼ ␛ZrunName␛(?s:.*)ZrunDescription"),
    Step("configuration of a tool", "G", r"ZrunConfigkey(?s:.*)ZrunConfig\\"),
    Step("messages", "4", r"␛ZmessageRole(?s:.*)␛ZmessageText(?s:.*)␛ZmessageToolname(?s:.*)ZmessageOutput"),
    Step("spans", "5", r"What it did .*× ␛ZspanSpanname(?s:.*) ├ ␛ZspanSpanname.* ␛ZspanGenairequestmodel"),
    Step("span with an exception", "", r"×.* ␛ZspanExceptiontype.*\n│ +␛ZspanMessage"),
    Step("timeline of a run", "", rf"Around it(?s:.*)► × {END} "),
    Step(
        "why",
        "6",
        r"× ␛ZspanMessage(?s:.*)␛ZspanExceptiontype(?s:.*)Where it broke(?s:.*)inside(?s:.*)␛ZspanSpanname",
    ),
    Step("where it broke", "", r"What it did(?s:.*)[├└] ␛ZspanSpanname.*×.* ␛ZspanExceptiontype"),
    Step("tool errors", "G" + "k" * 13, r"tool error in(?s:.*)␛ZmessageToolname"),
    Step("usage", "7", r"tokens/s"),
    Step("diff", "8", r"No run of\s*│?\s*│?\s*␛ZagentName"),
    Step("raw JSON", "9", r'"agent_id": "agent_\w+\\u001bZagentId'),
    Step("metadata", "G", r"ZrunMetadatakey(?s:.*)ZrunMetadata\\"),
    Step("a saved report", "1E", r"Saved the report to"),
    Step("", "q", TABLE),
)
LISTS = (
    Step("a message that is shown for a while", "y", r"▌ (Sent )?run_\w+␛ZrunId"),
    Step("agents", "B", r"─ Agents (?s:.*)│  ␛ZagentNa"),
    Step("models", "B", r"─ Models (?s:.*)│  ␛ZrunModel"),
    Step("", "B", r"─ Status "),
    Step("", "B", TABLE),
    Step("", TAB, "space fold"),
    Step("", TAB, "enter runs"),
    Step("a thread's runs", "j", r"╭─ Runs · thr_\w+␛ZthreadId␛"),
    Step("", "F", "enter show"),
    Step("", "s", "enter saves the filter"),
    Step("a saved view", f"mine{ENTER}", r"mine +on thr_\w+␛ZthreadId"),
    Step("", "q", r"(?s)\A(?!.*x delete)"),
    Step("", "0", r"Runs · all threads"),
    Step("", TAB + TAB, TABLE),
    Step("", "C", "add a label or path"),
    Step("", "a", "a path into the run"),
    Step("columns to choose", f"object{ENTER}", r"object +auto +␛ZrunObject"),
    Step(
        "a column of one's own",
        "q",
        r"OBJECT(?s:.*)␛ZrunO(?s:.*) tok (?:since the start|in the last minute)",
    ),
    Step("", "C", "add a label or path"),
    Step("", "a", "a path into the run"),
    Step("column of groups to choose", f"group{ENTER}", r"group +auto +␛ZspanGroup"),
    Step("", "a", "a path into the run"),
    Step("column of labels to choose", f"labels{ENTER}", r"labels +auto +␛ZspanSeekrmetadatakey"),
    Step("", "a", "a path into the run"),
    Step(
        "labels to choose",
        "label",
        r"GROUP +LABELS(?s:.*) ␛ZspanGroup\S* +␛ZspanSeekrmetadatakey(?s:.*) label\[\"␛ZspanSeekrmetadatakey",
    ),
    Step("column of a label to choose", f"{TAB}{ENTER}", r"label\[\S+ +auto +␛ZspanSeekrmetadata␛"),
    Step(
        "columns of labels",
        "q",
        r"…\S*\[B\]\S* +GROUP(?s:.*) ␛ZspanSeekrmetadata␛\S* +␛ZspanGroup(?s:.*) tok (?:since the start|in the last minute)",
    ),
)
SCREENS = (
    Step(
        "timeline of all threads",
        "t",
        rf"Timeline by thread(?s:.*)│► {END} (?s:.*)│  ␛ZagentName(?s:.*)run_\w+␛ZrunId",
    ),
    Step("", "q", TABLE),
    Step("spend by agents", "$", r"AGENT (?s:.*)␛ZagentName"),
    Step("spend by models", TAB, r"MODEL (?s:.*)␛ZrunModel"),
    Step("spend by threads", TAB, r"THREAD (?s:.*)thr_\w+␛ZthreadId"),
    Step("", "q", TABLE),
    Step("", "M", r"Deploy gate"),
    Step("gate by agent", "b", r"␛ZagentName"),
    Step("", "q", TABLE),
    Step("", "?", r"╭─ Keys "),
    Step("", "q", TABLE),
    Step("", CTRL_P, r"search for a command"),
    Step("", ESC, r"(?s)\A(?!.*search for a command)"),
)
ACTS = (
    Step("", ":", r":sort tokens"),
    Step("command line, threads", "thread ", r"thr_\w+␛ZthreadId\S+ +\d+ runs"),
    Step("", ESC, TABLE),
    Step("", ":", r":sort tokens"),
    Step("command line, runs", "run ", r"run_\w+␛ZrunId\S+ +failed\? +␛ZagentName"),
    Step("", ESC, TABLE),
    Step("", "gjj", r"× failed \(inferred\)  ␛ZspanMessage"),
    Step("", "/", "words, status:failed"),
    Step("filter, agents", "agent:", r" ␛ZagentName\S+…  \d+ "),
    Step("", ESC, TABLE),
    Step("", "/", "words, status:failed"),
    Step("filter, groups", "group:", r" ␛ZspanGroup\S+…  \d+ "),
    Step("", ESC, TABLE),
    Step("", "/", "words, status:failed"),
    Step("filter, labels", "label", r" label\[\"␛ZspanSeekrmetadatakey"),
    Step("", ESC, TABLE),
    Step("", "/", "words, status:failed"),
    Step("filter, models", "model:", r" ␛ZrunModel\S+…  \d+ "),
    Step("filter in a title", TAB, r"Runs .* · \"model:.*␛ZrunModel"),
    Step("", ENTER, TABLE),
    Step("copy menu", "Y", r"Copy of run_\w+␛ZrunId(?s:.*) row +.*␛ZrunId"),
    Step("a copied row", "r", r"Sent the row"),
    Step("", "Y", r"Copy of"),
    Step("a copied command", "c", r"Sent the curl command"),
    Step("", "Y", r"Copy of"),
    Step("copied JSON", "v", r"Sent the JSON"),
    Step("", "Y", r"Copy of"),
    Step("a copied report", "m", r"Sent the report"),
    Step("", "E", r"Export \d+"),
    Step("an export", "c", r"Saved \d+ runs? to"),
    Step("", CTRL_S, r"Saved (?!\d)"),
    Step("", "0g", r"Runs · all threads(?s:.*)○ queued  \d+s"),
    Step("a question", CTRL_K, r"Cancel (?s:.*)run_\w+␛ZrunId"),
    Step("", "n", r"(?s)\A(?!.*Cancel )"),
    Step("", "j", r"● running  00:\d\d.* since"),
    Step("a run that is watched", "w", r"▌ (Watching )?run_\w+␛ZrunId"),
)
NEWS = (
    Step("a notice", "", r"▌ Watched run(?s:.*)▌ run_\w+␛ZrunId"),
    Step(
        "notice in the log",
        "L",
        r"╭─ Events(?s:.*)notified +run_\w+␛ZrunId.*␛ZagentName(?s:.*)UTC +run_\w+␛ZrunId",
    ),
    Step("event log", "j", r"queued +…\S*\[b\]␍␊␉\| (?s:.*)UTC +run_\w+␛ZrunId.* thr_\w+␛ZthreadId"),
    Step("", "q", TABLE),
)
TROUBLE = (
    Step("trouble of a thread", "R", r"╰─+ 422 Unprocessable \w+, the server says: ␛ZerrorDetail"),
    Step("trouble of a run", f"G{ENTER}1G", r"server says: ␛ZerrorDetail(?s:.*)\(request a�ZerrorRay�"),
    Step("", "q", TABLE),
)
PLACES = [step.place for step in (*RUN, *LISTS, *SCREENS, *ACTS, *NEWS, *TROUBLE) if step.place]
