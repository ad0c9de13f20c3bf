"""Live text as lines: below the messages, nested agents indented, no line too wide, and one line for what is left out."""

from __future__ import annotations

from datetime import UTC

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.messages.conversation import Conversation
from flowtui.model.messages.live_part import LivePart
from flowtui.model.messages.live_text import LiveText
from flowtui.model.messages.opened import Loaded
from flowtui.model.messages.parts import REASONING, TEXT, TOOL_CALL
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.run.live_lines import MAX_ROWS, live_lines
from flowtui.ui.run.messages_tab import message_lines
from flowtui.ui.run.rendering import RenderContext

NOW = 1_800_000_000.0
HEAD = "live  as it is written"


@pytest.fixture
def draw(a_run):
    def lines(*parts, cells=60, run=None, glyphs=UNICODE, **live):
        render = RenderContext(Context(now=NOW, zone=UTC), glyphs, cells)
        made = live_lines(LiveText(parts, NOW, **live), Loaded(), run or a_run(), render)
        for line in made:
            assert ink.width(line.spans) <= cells, line
            assert line.fold is None
        return ["".join(span.text for span in line.spans).rstrip() for line in made]

    return lines


def test_text_reasoning_and_calls_stand_below_a_heading(draw):
    parts = [
        LivePart(REASONING, ("The order is known.", "Enough."), done=True),
        LivePart(TEXT, ("Looking it up.",), done=True),
        LivePart(TOOL_CALL, ('order="88"',), done=True, title="refunds_agent", result='{"sent": true}'),
        LivePart(TEXT, ("I am looking.",), depth=1, agent="refunds_agent"),
        LivePart(TOOL_CALL, (), depth=1, agent="refunds_agent", title="crm", result="crm 502", error=True),
        LivePart(TOOL_CALL, (), depth=2, agent="ledger", title="sum"),
        LivePart(REASONING, ("Two sources",)),
    ]
    blank, heading, *rows = draw(*parts)
    assert blank == ""
    assert heading.startswith(f"{HEAD}  ─")
    assert rows == [
        "  reasoning  The order is known. …",
        "  Looking it up.",
        '  refunds_agent(order="88")',
        '  → {"sent": true}',
        "    refunds_agent  nested",
        "    I am looking.",
        "    crm()",
        "    → error  crm 502",
        "      ledger  nested",
        "      sum()",
        "      → no result yet",
        "  reasoning  Two sources",
    ]


def test_of_a_long_text_the_end_is_drawn(draw):
    said = LivePart(TEXT, tuple(f"line {number}" for number in range(100)))
    rows = draw(said)[2:]
    assert (rows[0], rows[1], rows[-1], len(rows)) == ("  …", "  line 84", "  line 99", 17)
    thought = draw(LivePart(REASONING, ("word " * 200,)))[2:]
    assert (thought[0], len(thought)) == ("  reasoning  …", 5)


@pytest.mark.parametrize("cells", [24, 40, 78, 160])
def test_no_line_is_too_wide(draw, cells):
    wide = "宛名変更は請求書の再発行で対応できます " * 9
    parts = [
        LivePart(kind, (wide,), depth=depth, agent=wide, title=wide, result=wide if depth else None)
        for kind in (TEXT, REASONING, TOOL_CALL)
        for depth in (0, 1, 8)
    ]
    made = draw(*parts, cells=cells, error=wide, earlier=3, unknown=1, unreadable=2, middle=True)
    assert len(made) > 9


def test_one_line_says_what_is_left_out(draw):
    assert draw(LivePart(TEXT, ("a",)), cells=120, earlier=1, unknown=2, unreadable=1, middle=True)[-1] == (
        "  left out: what came before the stream began, 1 earlier part, 1 unreadable event, 2 unknown events"
    )
    assert draw(cells=80, unreadable=1204)[2:] == ["  left out: 1,204 unreadable events"]
    many = draw(*[LivePart(TEXT, tuple("abcdefghij"))] * 64, cells=80)
    assert len(many) == MAX_ROWS + 3
    assert many[-1] == "  left out: 440 earlier rows"


def test_an_error_of_the_stream_is_told_and_ascii_has_its_own_rule(draw):
    assert "  the stream reports an error: no model" in draw(LivePart(TEXT, ("a",)), error="no model")
    assert draw(LivePart(TEXT, ("a",)), glyphs=ASCII)[1].endswith("---")


def test_without_news_there_is_no_heading(draw, a_run):
    assert draw() == draw(middle=True) == []
    lasts = draw(LivePart(TOOL_CALL, title="crm"), run=a_run(status="completed", completed=NOW))
    assert lasts[2:] == ["  crm()"]


def test_live_text_is_below_the_messages_also_while_these_are_loading(a_run):
    live = LiveText((LivePart(TEXT, ("on its way",)),), NOW)
    render = RenderContext(Context(now=NOW, zone=UTC), UNICODE, 60)
    for loaded, first in (
        (Loaded(), "Loading the messages …"),
        (Loaded(None, "no answer"), "The messages could not be read: no answer"),
        (Loaded(Conversation(complete=True), "", NOW), "No message of this run yet."),
    ):
        lines = [
            "".join(span.text for span in line.spans)
            for line in message_lines(loaded, a_run(), render, live=live)
        ]
        assert lines[0] == first
        assert lines[-1] == "  on its way"
        assert sum(line.startswith(HEAD) for line in lines) == 1
        assert not any(
            HEAD in "".join(span.text for span in line.spans)
            for line in message_lines(loaded, a_run(), render)
        )
