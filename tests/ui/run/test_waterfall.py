"""Spans as a waterfall: bars below their times, durations, tokens, errors, the failed span; every width, ASCII; redacted."""

from __future__ import annotations

import re
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.columns.context import Context
from flowtui.model.messages.evidence import evidence
from flowtui.model.messages.opened import Loaded
from flowtui.model.messages.redaction import redact_evidence
from flowtui.model.run.parsing import parse_run
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.paint.theme import NIGHT, Palette
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.waterfall import MAX_ROWS, failing_spans, timeline_spans

NOW = 1_800_000_000.0  # 08:00:00 UTC
START = NOW - 60
WIDTHS = [40, 56, 76, 116, 150]


def span(span_id, parent, name, start, end, **fields):
    return {
        "span_id": span_id,
        "parent_span_id": parent,
        "span_name": name,
        "start_timestamp": START + start,
        "end_timestamp": None if end is None else START + end,
        **fields,
    }


def chat(span_id, parent, start, end, **tokens):
    used = {"gen_ai_usage_input_tokens": "900", "gen_ai_usage_output_token": "100", **tokens}
    return span(span_id, parent, "chat llama", start, end, gen_ai_request_model="meta/llama-3", **used)


FAILED = [
    span("a", None, "agent run shop", 0, 20),
    chat("b", "a", 0, 4),
    span(
        "c", "a", "running tool crm", 4, 8, is_exception=True, exception_type="Timeout", message="no answer"
    ),
    chat("d", "a", 8, 12),
    span("e", "a", "running tool ask", 12, 20, is_exception=True),
    span("f", "e", "agent run helper", 13, 20),
    chat("g", "f", 13, 15, gen_ai_usage_output_token=None),
    span(
        "h",
        "f",
        "running tool run_python",
        16,
        20,
        is_exception=True,
        exception_type="KeyError",
        message="tax\nat 3",
    ),
]


def context(**fields):
    return Context(now=NOW, zone=UTC, **fields)


def lines_of(found, run, *, cells=116, glyphs=UNICODE, at=NOW, section=None):
    render = RenderContext(context(), glyphs, cells)
    if section == "why":
        lines = failing_spans(run, found, at, render)
    else:
        lines = timeline_spans(run, Loaded(found, at=at), render)
    assert all(ink.width(line) <= cells for line in lines)
    return lines


def said(*args, **fields):
    texts = ["".join(piece.text for piece in line).rstrip() for line in lines_of(*args, **fields)]
    assert all(text.isprintable() for text in texts)
    return texts


@pytest.fixture
def failed(a_run):
    return a_run(status="failed", created=START - 5, started=START, failed=START + 20)


def row(texts, name):
    return next(text for text in texts if re.match(rf"[│├└ |`]*{re.escape(name)} ", text))


def bar_of(text):
    found = re.search(r"[▆=]+", text)
    return found.start(), found.end()


def test_spans_are_nested_with_durations_tokens_and_models(failed):
    texts = said(evidence(FAILED), failed)
    assert texts[0].startswith("What it did  8 spans, 2,900+ tokens  × run_python ───")
    assert re.search(r"07:59:\d\d .* TOOK   TOKENS  MODEL OR ERROR$", texts[1])
    assert re.search(r"^queued +─+ +5\.0s$", texts[3])
    names = [
        re.match(r"[│├└ ]*\S+", text)[0]
        for text in texts[4:]
        if "▆" in text or "shop" in text or "helper" in text
    ]
    assert names == [
        "shop",
        "├ chat",
        "├ crm",
        "├ chat",
        "└ ask",
        "  └ helper",
        "    ├ chat",
        "    └ run_python",
    ]
    assert row(texts, "├ chat").endswith(" 4.0s    1,000  llama-3")
    assert re.search(r" 20s   2,900\+$", row(texts, "shop"))
    assert re.search(r" 2\.0s     900\+  llama-3$", row(texts, "    ├ chat"))


@pytest.mark.parametrize("cells", WIDTHS)
def test_bars_follow_each_other_on_one_axis(failed, cells):
    texts = said(evidence(FAILED), failed, cells=cells)
    rows = [text for text in texts if "▆" in text]
    bars = [bar_of(text) for text in rows]
    assert [start for start, _ in bars] == sorted(start for start, _ in bars)
    assert all(end > start for start, end in bars)
    if cells < 50:
        return  # too narrow for two times on the axis
    ticks = [(match.start(), match[0]) for match in re.finditer(r"\d\d:\d\d:\d\d", texts[1])]
    (left, early), *_, (right, late) = ticks
    assert all(texts[2][column] == "┬" for column, _ in ticks)
    seconds = [int(clock[-2:]) for clock in (early, late)]
    for text, (start, _) in zip(rows, bars, strict=True):
        begins = {"crm": 4, "run_python": 16}.get(
            next((name for name in ("crm", "run_python") if name in text), "")
        )
        if begins is not None:  # 07:59:00 is the start of the run
            expected = left + (begins - seconds[0]) / (seconds[1] - seconds[0]) * (right - left)
            assert abs(start - expected) <= 1.5


def test_the_innermost_failed_span_is_marked_and_earlier_errors_are_quieter(failed):
    lines = lines_of(evidence(FAILED), failed)
    texts = ["".join(piece.text for piece in line) for line in lines]
    roles = {
        name: {
            piece.role
            for piece in next(line for line, text in zip(lines, texts, strict=True) if name in text)
        }
        for name in ("run_python", "crm", "chat")
    }
    assert "failed" in roles["run_python"]
    assert "failed" not in roles["crm"] | roles["chat"]
    assert {"removed", "failed-call"} <= roles["crm"]
    texts = said(evidence(FAILED), failed)
    assert re.search(r"▆× +4\.0s +KeyError$", row(texts, "    └ run_python"))
    assert texts[texts.index(row(texts, "    └ run_python")) + 1] == "      tax"
    assert "  no answer" in texts


def test_no_span_is_called_the_failed_one_in_a_run_that_completed(a_run):
    run = a_run(status="completed", created=START - 5, started=START, completed=START + 20)
    lines = lines_of(evidence(FAILED), run)
    assert not any(piece.role == "failed" for line in lines for piece in line)
    assert failing_spans(run, evidence(FAILED), NOW, RenderContext(context(), UNICODE, 100)) == []


def test_narrow_panes_have_the_type_of_the_error_below_and_no_models(failed):
    texts = said(evidence(FAILED), failed, cells=56)
    assert "      KeyError: tax" in texts
    assert "llama-3" not in "\n".join(texts)
    assert "tokens" not in texts[1]
    assert "2,900+ tokens" in texts[0]


def test_why_shows_the_failed_span_with_those_around_and_beside_it(failed):
    texts = said(evidence(FAILED), failed, section="why")
    assert texts[0].startswith("What it did  8 spans, 2,900+ tokens")
    many = [*FAILED, *(chat(f"x{number}", "a", 0, 1) for number in range(20))]
    texts = said(evidence(many), failed, section="why")
    assert texts[0].startswith("What it did  8 of 28 spans, tab 5 shows all ")
    assert row(texts, "    └ run_python").endswith("KeyError")
    assert not any(text.strip() == "tax" for text in texts)  # the section below has the texts
    assert failing_spans(failed, evidence(FAILED[:2]), NOW, RenderContext(context(), UNICODE, 100)) == []


def test_an_open_span_of_a_running_run_is_drawn_until_it_was_read(a_run):
    run = a_run(created=START - 5, started=START)
    spans = [span("a", None, "agent run shop", 0, 0, kind="pending_span"), chat("b", "a", 0, 30)]
    spans += [span("c", "a", "running tool crm", 30, 30, kind="pending_span")]
    texts = said(evidence(spans), run, at=NOW - 20)
    assert re.search(r"▆+►·+ +10s\+$", row(texts, "└ crm"))
    assert re.search(r"─+►·+ +40s\+ +1,000$", row(texts, "shop"))
    assert texts[-1] == "Read at 07:59:40, r reads again."
    assert "1,000+ tokens" in texts[0]


def test_an_open_span_of_a_run_that_has_ended_has_no_duration(failed):
    texts = said(evidence([span("c", None, "running tool crm", 5, 5, kind="pending_span")]), failed)
    assert re.search(r"▆·+ +—$", row(texts, "crm"))


def test_what_is_left_out_or_wrong_is_said_in_one_line(failed):
    odd = [
        *(span(f"log{n}", "a", "cache", 1, 1, kind="log") for n in range(2)),
        span("o", "gone", "lost", 3, 4),
        span("n", "a", "turned", 9, 7),
        {"span_id": "u"},
        None,
        {**span("z", None, "other", 1, 2), "run_id": "run_9"},
    ]
    texts = said(evidence([*FAILED, *odd], (), "run_1"), failed, cells=250)
    assert texts[-1] == (
        "Left out: 2 without duration (logs and events), 1 of other runs, 1 not readable. "
        "Not as the API describes spans: 1 in spans that were not read, 1 that end before they start, 1 without start time."
    )
    assert re.search(r"▆ +—$", row(texts, "├ turned"))
    assert "no start time" in row(texts, "a span without a name")


def test_spans_that_were_not_all_read_are_said_to_be_not_all(failed):
    found = evidence(FAILED, whole=False, missing=("more spans: The server answered 503",))
    texts = said(found, failed)
    assert texts[0].startswith("What it did  8 spans read, not all, 2,900+ tokens")
    assert texts[-2] == "Not read: more spans: The server answered 503"
    assert texts[-1].startswith("As far as read")


def test_without_spans_the_section_says_why(failed):
    assert said(evidence([]), failed)[1:] == ["The API has no spans of this run."]
    assert said(None, failed)[1:] == ["Reading its spans …"]
    texts = said(evidence([], missing=("spans: Connection refused",)), failed)
    assert texts[1:] == ["Not read: spans: Connection refused"]
    lines = timeline_spans(failed, Loaded(None, "Connection refused"), RenderContext(context(), UNICODE, 90))
    assert "".join(piece.text for piece in lines[1]).startswith("The spans of this run could not be read")


def test_very_many_spans_are_cut_in_the_middle_and_the_failed_one_stays(failed):
    many = [span(f"s{n}", "a", f"step{n}", n / 100, n / 100 + 1) for n in range(1_500)]
    many[700].update(is_exception=True)
    texts = said(evidence([FAILED[0], *many], whole=True), failed)
    assert "× step700" in texts.pop(0)
    assert len(texts) <= MAX_ROWS + 10
    assert any("step700" in text for text in texts)
    assert (
        sum(int(text.split()[1].replace(",", "")) for text in texts if text.startswith("…"))
        + sum("step" in text or "shop" in text for text in texts)
        == 1_501
    )


def test_deep_nesting_does_not_push_names_away(failed):
    chain = [span(f"s{n}", f"s{n - 1}" if n else None, f"step{n}", n / 100, 20) for n in range(300)]
    for cells in WIDTHS:
        texts = said(evidence(chain, whole=True), failed, cells=cells)
        assert any(re.search(r"step\d|st…", text) for text in texts[20:])
    assert texts[-1] == "Spans in more than 6 others are drawn like those in 6."


def test_stamps_of_another_clock_or_of_other_years_do_not_shrink_the_axis(failed):
    away = [span("x", "a", "running tool slow", -7200, -7100), span("y", "a", "running tool odd", 2, 9e9)]
    texts = said(evidence([*FAILED, *away]), failed)
    assert "07:59:10" in texts[1]
    assert "‹" in row(texts, "├ slow")
    assert row(texts, "├ odd").count("›") == 1


def test_spans_that_another_clock_stamped_get_an_axis_of_their_own(failed):
    late = [
        {**one, **{name: one[name] + 3600 for name in ("start_timestamp", "end_timestamp")}} for one in FAILED
    ]
    texts = said(evidence(late), failed)
    assert "08:59:10" in texts[1]
    assert "The times of these spans are 1h 00m after the run's: the axis shows theirs." in texts
    assert not any(text.startswith("queued") for text in texts)
    assert bar_of(row(texts, "├ crm"))[0] < bar_of(row(texts, "    └ run_python"))[0]


def test_a_run_without_times_gets_the_axis_of_its_spans(a_run):
    assert "▆" in "\n".join(said(evidence(FAILED), a_run(status="failed")))
    bare = said(evidence([{"span_id": "a", "span_name": "running tool crm"}]), a_run(status="failed"))
    assert bare[1].startswith("crm ")


def test_redacted_spans_keep_names_times_and_types_but_no_messages(failed):
    texts = "\n".join(said(redact_evidence(evidence(FAILED)), failed))
    assert "run_python" in texts
    assert "KeyError" in texts
    assert "tax" not in texts
    assert "no answer" not in texts


@pytest.mark.parametrize("cells", WIDTHS)
def test_in_ascii_every_character_is_ascii(failed, cells):
    for section in ("timeline", "why"):
        texts = said(evidence(FAILED), failed, cells=cells, glyphs=ASCII, section=section)
        assert all(ink.plain(text).isascii() for text in texts)
        assert re.search(r"`.*=x", "\n".join(texts))


def test_every_role_has_a_colour_in_the_palette(failed):
    palette = Palette(
        {
            **NIGHT.variables,
            **{
                name: getattr(NIGHT, name)
                for name in (
                    "background",
                    "foreground",
                    "primary",
                    "accent",
                    "error",
                    "warning",
                    "success",
                    "secondary",
                    "surface",
                    "panel",
                )
            },
        }
    )
    for line in lines_of(evidence([*FAILED, span("x", None, "step", 1, 2)]), failed):
        for piece in line:
            assert palette[piece.role] is not None


TIMES = st.sampled_from([None, 0, 3, 10, 20, -9e9, 9e9, 1e300, "soon"])
SPANS = st.lists(
    st.builds(
        lambda own, parent, name, start, end, kind, bad: {
            "span_id": own,
            "parent_span_id": parent,
            "span_name": name,
            "start_timestamp": START + start if isinstance(start, int | float) else start,
            "end_timestamp": START + end if isinstance(end, int | float) else end,
            "kind": kind,
            "is_exception": bad,
            "exception_type": name,
            "gen_ai_usage_input_tokens": "7",
            "gen_ai_operation_name": "chat" if bad is None else None,
        },
        st.sampled_from(["a", "b", "c", "d", None]),
        st.sampled_from(["a", "b", "c", "d", "gone", None]),
        st.sampled_from(["", "chat", "\x1b[2J[/x]\u202e漢字" * 30, "running tool 漢字"]),
        TIMES,
        TIMES,
        st.sampled_from(["span", "pending_span", "log"]),
        st.sampled_from([True, False, None]),
    ),
    max_size=9,
)


@given(
    SPANS,
    st.sampled_from(WIDTHS),
    st.sampled_from(["failed", "running", "completed", "odd", "queued"]),
    TIMES,
    TIMES,
)
def test_no_spans_make_drawing_fail(spans, cells, status, created, ended):
    times = {"created_at": created, "completed_at": ended, "started_at": created}
    fields = {name: START + at if isinstance(at, int | float) else at for name, at in times.items()}
    run = parse_run({"id": "run_1", "status": status, **fields}, "thr_1")
    for section in ("timeline", "why"):
        for at in (NOW, None):
            said(evidence(spans), run, cells=cells, at=at, section=section)
