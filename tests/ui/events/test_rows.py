"""Lines of the event log: their exact width, what is bold and what is muted, and rules between days."""

from __future__ import annotations

import re
from datetime import UTC

import pytest

from flowtui.model.events.event_log import (
    AWAY,
    CANCEL,
    FINDING,
    INCIDENT,
    NOTICE,
    OUTAGE,
    RECOVERY,
    RUN,
    Event,
)
from flowtui.model.events.folded import FoldedEvent, folded
from flowtui.model.findings.kinds import FINDINGS
from flowtui.ui.events.event_list import Rule, entries_of
from flowtui.ui.events.rows import About, detail_line, event_line, rule_line, title_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE

NOW = 1_800_000_000.0
DAY = 86_400.0
EVENTS = [
    Event(RUN, NOW, "failed", "was running, ran 00:07", "run_1", "thr_1", ("t", "r"), "failed", NOW - 2),
    Event(RUN, NOW, "weird?", "was queued", "run_漢字" * 9, "thr_1", ("t", "r"), "unknown"),
    Event(FINDING, NOW, "waiting_behind", "waits behind run_2", "run_1", "thr_1", ("t", "r"), "queued"),
    Event(OUTAGE, NOW, "stale", "connection refused " * 9, threads=5),
    Event(RECOVERY, NOW, "live", "answers after 12s", thread="thr_9", threads=1),
    Event(NOTICE, NOW, "notice", "5 runs failed: a, b, c, …", status="failed"),
    Event(CANCEL, NOW, "cancel", "x"),
    Event(INCIDENT, NOW, "incident", "x"),
    Event(AWAY, NOW, "away", "since 01:12, 43m ago: 12 ended"),
]
FAILED = EVENTS[0]
STEPS = FoldedEvent(
    FAILED, (FAILED._replace(word="queued", at=NOW - 9), FAILED._replace(word="running", at=NOW - 7))
)
KNOWN = About("checkout", "00:07", "crm 502")


def _text(spans):
    return "".join(span.text for span in spans)


def _drawn(shown, cells, about=KNOWN, glyphs=UNICODE):
    return event_line(shown, cells, about, glyphs=glyphs, zone=UTC)


@pytest.mark.parametrize("cells", [20, 56, 72, 77, 100, 118, 155, 200])
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_a_line_has_the_requested_width(event, cells):
    for glyphs in (UNICODE, ASCII):
        for about in (
            About(),
            KNOWN,
            About("多言語-concierge-多言語-concierge", "12:00:00", "漢字" * 99, again=True),
        ):
            shown = FoldedEvent(event, STEPS.before)
            line = _drawn(shown, cells, about, glyphs)
            assert ink.width(line) == max(cells, 56) or cells < 56
            assert ink.width(detail_line(shown, cells, about, zone=UTC)) == cells
    assert ink.width(title_line(cells)) <= max(cells, 56)
    assert ink.width(rule_line("漢字" * 99, cells, UNICODE)) == cells


def test_the_reason_comes_first_then_earlier_statuses_and_times_only_where_nothing_else_is():
    assert "► notified" in _text(_drawn(FoldedEvent(EVENTS[5]), 100))
    wide = _text(_drawn(STEPS, 155))
    assert re.search(
        r"× failed +run_1 +checkout +00:07  crm 502  queued 07:59:51 → running 07:59:53 +thr_1", wide
    )
    assert "between" not in wide
    assert "between 07:59:58 and 08:00:00" in _text(detail_line(STEPS, 200, KNOWN, zone=UTC))
    alone = _text(_drawn(FoldedEvent(FAILED), 155, About("checkout", known=True)))
    assert "between 07:59:58 and 08:00:00" in alone
    narrow = _text(_drawn(STEPS, 77))
    assert "crm 502" in narrow, "the reason matters more than earlier statuses"
    assert "queued" not in narrow
    assert "00:07" in _text(_drawn(FoldedEvent(FAILED), 77, About("checkout", "00:07", known=True)))
    smallest = _text(_drawn(STEPS, 56))
    assert re.search(r"× failed +checkout +crm 502", smallest)
    assert "was running, ran 00:07" in _text(_drawn(FoldedEvent(FAILED), 118, About())), (
        "the run is forgotten"
    )
    long = _text(_drawn(FoldedEvent(EVENTS[3]), 78))
    assert long.rstrip().endswith("…")
    assert "5 threads: connection" in long


def test_only_the_newest_failure_of_a_reason_is_bold_and_what_ended_well_is_muted():
    first, again = (
        dict.fromkeys(span.role for span in _drawn(STEPS, 155, KNOWN._replace(again=flag)))
        for flag in (False, True)
    )
    assert {"failed", "strong", "bad"} <= set(first)
    assert "failed" in again
    assert not {"strong", "bad"} & set(again)
    done = FoldedEvent(FAILED._replace(word="completed", status="completed"))
    assert {span.role for span in _drawn(done, 155, About("checkout", "00:07", known=True))} <= {
        "dim",
        "text",
        "completed",
    }


@pytest.mark.parametrize("name", FINDINGS)
@pytest.mark.parametrize("cells", [58, 78, 118, 156])
def test_a_finding_names_itself_whole_and_its_run(name, cells):
    event = EVENTS[2]._replace(word=name, run="run_fbf004")
    text = _text(_drawn(FoldedEvent(event), cells, About()))
    assert f"! {name.replace('_', ' ')}  " in text, "cut, or without a gap"
    if cells > 58:
        assert re.search(r"  run_fbf004 +waits behind", text)


def test_titles_are_above_their_columns():
    for cells in (56, 78, 118, 155):
        title, line = _text(title_line(cells)), _text(_drawn(STEPS, cells))
        assert title.index("WHAT") == line.index("×")
        assert title.index("AGENT") == line.index("checkout")
        if "RUN" in title:
            assert title.index("RUN") == line.index("run_1")
        if "THREAD" in title:
            assert title.index("THREAD") == line.index("thr_1")
        if "TOOK  NOTE" in title:
            assert title.index("TOOK") + 4 == line.index("00:07") + 5


def test_rules_stand_between_days_and_above_what_the_history_remembers():
    def events(*ago):
        return folded([FAILED._replace(kind=FINDING, at=NOW - seconds) for seconds in ago])

    def said(new, earlier, start="earlier, from the history", end=""):
        lines = entries_of(new, earlier, start=start, end=end, now=NOW, zone=UTC)
        return [line.shown.words if isinstance(line.shown, Rule) else "" for line in lines]

    assert said(events(0, 60), events(120)) == ["", "", "earlier, from the history", ""]
    assert said(events(0), events(120, DAY, 2 * DAY), end="the history begins") == [
        *("", "earlier, from the history", "", "yesterday, 14 Jan", "", "13 Jan", "", "the history begins"),
    ]
    assert said(events(0), events(DAY)) == ["", "earlier, from the history · yesterday, 14 Jan", ""]
    assert said((), ()) == ["earlier, from the history"]
    assert said(events(0), (), start="") == [""]
    lines = entries_of(events(0, DAY), events(DAY + 1), start="x", end="", now=NOW, zone=UTC)
    assert len({line.identity for line in lines}) == len(lines)
