"""The Messages tab: few lines, every state in words, no line too wide, control characters harmless."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.messages.conversation import Conversation, ReadMessages, conversation
from flowtui.model.messages.message import parse_page
from flowtui.model.messages.opened import Loaded
from flowtui.text import safe_text
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.paint.theme import ROLES
from flowtui.ui.run.detail_pane import Folds
from flowtui.ui.run.messages_tab import MAX_DRAWN, folded_at_first, message_lines
from flowtui.ui.run.rendering import RenderContext

NOW = 1_800_000_000.0
HOSTILE = "a\x1b[2J\u202eb[bold]c[/nope]\x9b31m"
CALL = {"type": "tool-call", "tool_name": "web_search", "tool_call_id": "c1", "args": {"query": "ticket 123"}}
GOOD = {"type": "tool-result", "tool_call_id": "c1", "output": {"rows": 12}}
BAD = {"type": "tool-result", "tool_call_id": "c1", "is_error": True, "error_text": "crm 502: Bad Gateway"}


def message(number, *parts, **fields):
    return {
        "id": f"msg_{number}",
        "role": "assistant",
        "agent_id": "agent_1",
        "run_id": "run_1",
        "created_at": datetime.fromtimestamp(NOW - 60 + 12 * number, UTC).isoformat(),
        "parts": [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts],
        **fields,
    }


@pytest.fixture
def lines_of(a_run):
    """Return the lines of messages (the oldest first); check that none is wider than the pane."""

    def lines(
        messages=(),
        *,
        cells=80,
        toggled=(),
        glyphs=UNICODE,
        run=None,
        loaded=None,
        agents=None,
        complete=True,
        **talk,
    ):
        run = run or a_run(status="completed", created=NOW - 60, completed=NOW)
        if loaded is None:
            page = tuple(parse_page(messages[::-1], run.raw_id))
            found = conversation(ReadMessages(page, (), page[-1].key if page and complete else None), run)
            found = Conversation(
                **{
                    **{name: getattr(found, name) for name in Conversation.__slots__},
                    "complete": complete,
                    **talk,
                }
            )
            loaded = Loaded(found, "", NOW - 3)
        folds = Folds(folded_at_first)
        for path in toggled:
            folds.toggle(path)
        context = Context(now=NOW, zone=UTC, agents=agents or {})
        made = message_lines(loaded, run, RenderContext(context, glyphs, cells, folds))
        for line in made:
            assert ink.width(line.spans) <= cells, line
            assert all(span.role in ROLES for span in line.spans)
            assert all(span.text == safe_text(span.text) for span in line.spans)
        return made

    return lines


def texts(lines):
    return ["".join(span.text for span in line.spans) for line in lines]


def text(lines):
    return "\n".join(texts(lines))


def roles(lines, word):
    return {span.role for line in lines for span in line.spans if word in span.text}


def test_a_conversation_takes_few_lines(lines_of):
    lines = lines_of(
        [
            message(0, "Why is the voucher refused?", role="user", agent_id=None),
            message(1, {"type": "reasoning", "text": "Look at the basket."}, "Looking it up.", CALL, GOOD),
            message(2, "It holds a pre-order article."),
        ],
        agents={"agent_1": "checkout"},
    )
    assert texts(lines) == [
        "user  2027-01-15 07:59:00 UTC",
        "  Why is the voucher refused?",
        "",
        "assistant  checkout  07:59:12  +12s",
        "  reasoning  Look at the basket.",
        "  Looking it up.",
        '► web_search(query="ticket 123")',
        '► → {"rows": 12}',
        "",
        "assistant  checkout  07:59:24  +12s",
        "  It holds a pre-order article.",
    ]
    assert roles(lines, "user") == {"focus"}
    assert roles(lines, "assistant") == {"accent"}
    assert roles(lines, "Look at the basket") == {"dim"}
    assert roles(lines, "+12s") == {"dim"}


def test_calls_and_results_unfold_to_trees(lines_of):
    code = {
        "type": "tool-call",
        "tool_name": "run_python",
        "args": {"code": "a = 1\nprint(a)", "deep": {"x": [1]}},
    }
    messages = [message(0, CALL, GOOD, code)]
    closed = lines_of(messages)
    assert [line.fold for line in closed if line.fold] == [("msg_0", 0), ("msg_0", 1), ("msg_0", 2)]
    opened = lines_of(messages, toggled=[("msg_0", 0), ("msg_0", 1), ("msg_0", 2)])
    said = texts(opened)
    assert '    query: "ticket 123"' in said
    assert "    rows: 12" in said
    assert "      print(a)" in said
    assert ("msg_0", 2, "deep") in [line.fold for line in opened]
    assert len(text(lines_of(messages, toggled=[("msg_0", 2), ("msg_0", 2, "deep")]))) < len(text(opened))


def test_a_tool_error_has_the_word_error_and_a_colour(lines_of):
    for part in (BAD, {"type": "tool-error", "tool_call_id": "c1", "error_text": "crm 502: Bad Gateway"}):
        lines = lines_of([message(0, CALL, part)])
        assert "  → error  crm 502: Bad Gateway" in texts(lines)
        assert roles(lines, "error") == {"bad"}
        assert roles(lines, "crm 502") == {"bad"}


def test_a_result_in_a_later_message_is_below_its_call(lines_of):
    lines = lines_of([message(0, CALL), message(1, GOOD, role="tool"), message(2, "Done.")])
    said = texts(lines)
    assert '► → +12s  {"rows": 12}' in said
    assert "tool" not in text(lines)
    assert "+24s" in text(lines)


def test_a_tool_call_shows_no_result_or_no_result_yet(lines_of, a_run):
    assert "  → no result" in texts(lines_of([message(0, CALL)]))
    assert "  → no result yet" in texts(lines_of([message(0, CALL)], run=a_run(created=NOW - 60)))


def test_a_result_without_a_call_names_its_tool(lines_of):
    lines = lines_of([message(0, {**GOOD, "tool_name": "crm"})])
    assert '► → crm  {"rows": 12}' in texts(lines)


def test_long_reasoning_folds_to_one_line_and_long_texts_to_a_few(lines_of):
    thought = {"type": "reasoning", "text": "One thing follows from another. " * 40}
    messages = [message(0, thought, "A long answer.\n" * 60)]
    lines = lines_of(messages)
    assert len(lines) == 1 + 1 + 8 + 1
    assert "899 characters in all" in text(lines)
    opened = lines_of(messages, toggled=[("msg_0", 0), ("msg_0", 1)])
    assert " ".join(text(opened).split()).count("One thing follows") == 40
    assert text(opened).count("A long answer.") == 60


def test_files_data_and_unknown_parts_take_a_line_each(lines_of):
    lines = lines_of(
        [
            message(
                0,
                {
                    "type": "file",
                    "file_id": "file_1",
                    "mime_type": "application/pdf",
                    "metadata": {"name": "a.pdf"},
                },
                {"type": "data", "data_type": "table", "data": {"rows": [1, 2]}},
                {"type": "hologram", "beams": 3},
            )
        ]
    )
    assert texts(lines)[1:] == [
        "► file  a.pdf  application/pdf  file_1",
        '► data  table  {"rows": [1, 2]}',
        '► hologram  {"beams": 3}',
    ]


REF = {
    "object_id": "obj_1",
    "size_bytes": 4_812_904,
    "mime_type": "text/plain",
    "preview_text": "first line\nsecond " + "x" * 300,
    "truncated": True,
}


def test_a_preview_says_its_size_and_that_the_server_cut_it(lines_of):
    messages = [
        message(
            0,
            {"type": "tool-call", "tool_name": "crm", "tool_call_id": "c1", "args_ref": REF},
            {"type": "tool-result", "tool_call_id": "c1", "is_error": True, "output_ref": REF},
            {
                "type": "data",
                "data_type": "csv",
                "data_ref": {**REF, "preview_text": None, "truncated": False},
            },
        )
    ]
    lines = lines_of(messages)
    assert texts(lines)[1:] == [
        "► crm(4.8 MB, cut by the server  first line)",
        "► → error  4.8 MB, cut by the server  first line …",
        "► data  csv  4.8 MB, no preview  ",
    ]
    assert roles(lines, "cut by the server") == {"warn"}
    for cells in (36, 48):
        lines_of(messages, cells=cells)
    said = texts(lines_of(messages, cells=40, toggled=[("msg_0", place) for place in range(3)]))
    assert [line.strip() for line in said].count("first line") == 2
    assert sum(line.count("x") for line in said if set(line.strip()) == {"x"}) > 500
    assert sum("object_id: " in line for line in said) == 3, said
    assert not any("preview_text" in line for line in said)


def test_a_guardrail_shows_its_output_and_unfolds_to_its_results(lines_of):
    short = {
        "type": "output_guardrail",
        "text": "I cannot\nsay that.",
        "guardrail": [{"name": "pii", "hits": 3}],
    }
    long = {"type": "output_guardrail", "text": "A long answer.\n" * 60, "guardrail": []}
    messages = [message(0, content=[short]), message(1, content=[long])]
    lines = lines_of(messages)
    said = texts(lines)
    assert said[1:4] == ["► guardrail  pii", "  I cannot", "  say that."]
    assert (said[6], text(lines).count("A long answer."), said[-1]) == ("► guardrail  ", 8, "  …")
    assert roles(lines, "guardrail") == {"warn"}
    opened = lines_of(messages, toggled=[("msg_0", 0), ("msg_1", 0)])
    assert '"hits": 3' in text(opened)
    assert text(opened).count("A long answer.") == 60


def test_an_unreadable_message_is_a_row_of_its_own(lines_of):
    messages = [message(0, "first"), "<broken>", message(1, "second", created_at="soon"), message(2)]
    said = text(lines_of(messages))
    assert "first" in said
    assert "second" in said
    assert "could not be read: a string instead of an object" in said
    assert "could not be read: created_at: not a time: 'soon'" in said
    assert "says nothing" in said


def test_a_message_without_a_run_says_why_it_is_shown(lines_of):
    said = text(
        lines_of([message(-2, "question", run_id=None), message(1, "between", run_id=None), message(2, "x")])
    )
    assert "probably what this run was asked" in said
    assert "probably this run's, by its time" in said


def test_a_new_day_shows_its_date(lines_of):
    later = message(1, "later", created_at=datetime.fromtimestamp(NOW + 86_400, UTC).isoformat())
    said = text(lines_of([message(0, "first"), later]))
    assert "2027-01-15" in said
    assert "2027-01-16" in said


def test_loading_and_empty_states_are_told_in_words(lines_of, a_run):
    active = a_run(created=NOW - 60)
    ended = a_run(status="completed", created=NOW - 60, completed=NOW)
    assert text(lines_of(loaded=Loaded())) == "Loading the messages …"
    assert "No message of this run yet." in text(lines_of(run=active))
    assert "The thread has no message of this run." in text(lines_of(run=ended))
    assert "7 of other runs" in text(lines_of(run=ended, others=7))
    assert "None of the newest 500" in text(lines_of(run=ended, complete=False, older=True, read=500))
    nameless = active._replace(raw_id="unreadable-1", unreadable="no id")
    assert "no id" in text(lines_of(run=nameless))


def test_an_error_is_above_the_last_messages(lines_of, a_run):
    run = a_run(created=NOW - 60)
    page = tuple(parse_page([message(0, "kept")], "run_1"))
    found = conversation(ReadMessages(page, (), "msg_0"), run)
    lines = lines_of(loaded=Loaded(found, "GET: 503 Service Unavailable", NOW - 30), run=run)
    said = " ".join(texts(lines))
    assert "The messages could not be read: GET: 503" in said
    assert "r tries again" in said
    assert "kept" in said
    assert "not followed: last read 07:59:30" in said
    assert "Loading" not in text(lines_of(loaded=Loaded(None, "503"), run=run))


def test_an_incomplete_conversation_names_the_key_for_more(lines_of):
    some = [message(0, "x")]
    assert "older messages: press b" in text(lines_of(some, complete=False, older=True, read=500))
    assert "500 messages of the thread read" in text(lines_of(some, complete=False, older=True, read=500))
    reading = text(lines_of(some, complete=False, older=True, reading=True))
    assert "Reading older messages" in reading
    assert "press" not in reading
    stopped = text(lines_of(some, complete=False, older=False, stopped="the server ignores offset"))
    assert "the server ignores offset" in stopped
    assert "older" not in text(lines_of(some))


def test_a_gap_is_marked_between_the_messages_around_it(lines_of):
    lines = lines_of(
        [message(0, "old"), message(1, "new")], complete=False, older=True, gaps=frozenset({"msg_1"})
    )
    said = texts(lines)
    gap = next(place for place, line in enumerate(said) if "missing here" in line)
    assert said.index("  old") < gap < said.index("  new")


def test_for_an_active_run_the_age_of_the_newest_message_is_shown(lines_of, a_run):
    lines = lines_of([message(3, "x")], run=a_run(created=NOW - 60))
    assert texts(lines)[-1] == "following · read 3s ago · newest 24s old"
    assert roles(lines, "following") == {"dim"}
    assert "following" not in text(lines_of([message(3, "x")]))


@pytest.mark.parametrize("cells", [36, 56, 80, 200])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_at_any_width_no_line_is_too_wide_and_no_text_is_lost(lines_of, cells, glyphs):
    answer = "Never guess a number. お客様 " * 6
    deep = {"type": "data", "data_type": "t" * 90, "data": {"k" * 90: "v" * 90, "deep": [["v" * 90]]}}
    call = {**CALL, "tool_name": "w" * 90, "args": {"query": "q" * 300}}
    messages = [
        message(0, {"type": "reasoning", "text": answer}, answer, call, {**GOOD, "output": "r" * 300}, deep),
        message(1, BAD, {"type": "odd", "x": "y" * 90}, role="r" * 90, agent_id="g" * 90),
    ]
    every = [(f"msg_{number}", part) for number in range(2) for part in range(5)]
    for toggled in ((), every):
        lines = lines_of(
            messages, cells=cells, glyphs=glyphs, toggled=toggled, complete=False, older=True, read=500
        )
        if toggled:
            assert "".join(answer.split()) in "".join(text(lines).split())
    ours = {
        char for line in lines_of(messages, cells=cells, glyphs=ASCII) for char in ink.plain(text([line]))
    }
    assert not [char for char in ours if ord(char) > 127 and char not in answer]


def test_markup_and_control_characters_are_shown_as_harmless_text(lines_of):
    parts = [
        HOSTILE,
        {"type": "reasoning", "text": HOSTILE},
        {
            "type": "tool-call",
            "tool_name": HOSTILE,
            "args": {HOSTILE: HOSTILE + "\n" + HOSTILE, "n": [HOSTILE]},
        },
        {"type": "tool-result", "tool_name": HOSTILE, "output": {HOSTILE: HOSTILE}},
        {"type": "tool-error", "tool_name": HOSTILE, "error_text": HOSTILE},
        {"type": "file", "url": HOSTILE, "mime_type": HOSTILE},
        {"type": "data", "data_type": HOSTILE, "data": [HOSTILE]},
        {"type": HOSTILE, HOSTILE: HOSTILE},
    ]
    every = [("m\x1b", place) for place in range(len(parts))]
    messages = [message(0, *parts, id="m\x1b", role=HOSTILE, agent_id=HOSTILE)]
    lines = lines_of(messages, toggled=every, cells=120, agents={safe_text(HOSTILE): safe_text(HOSTILE)})
    assert "[bold]" in text(lines)


def test_a_message_of_five_megabytes_is_cut(lines_of):
    huge = "漢" * 5_000_000
    parts = [
        huge,
        {**CALL, "args": {"a": huge}},
        {**GOOD, "output": [huge] * 3},
        {"type": "reasoning", "text": huge},
    ]
    every = [("msg_0", place) for place in range(4)]
    lines = lines_of([message(0, *parts)], cells=56, toggled=every)
    assert "4,980,000 more characters are not shown" in text(lines)
    assert len(lines) < 3_000


def test_the_number_of_drawn_lines_is_bounded(lines_of):
    messages = [message(number, *["x\n" * 20] * 20) for number in range(100)]
    lines = lines_of(messages)
    assert MAX_DRAWN <= len(lines) < MAX_DRAWN + 1_000
    assert "messages before these are not drawn" in texts(lines)[0]
    assert "+12s" in texts(lines)[1]
