"""Rows from bodies: what the API leaves open, and each fault of text and shape in `tests/FAULTS.md` (P01 to P33)."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowtui.errors import UnreadableError
from flowtui.model.run import parsing
from flowtui.model.run.detail import json_lines
from flowtui.model.run.element import parse_time
from flowtui.model.run.parsing import parse_agents, parse_detail, parse_run, parse_runs, parse_threads
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED, RUNNING, UNKNOWN
from flowtui.text import safe_text

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
TIMES = ("created_at", "started_at", "expires_at", "cancelled_at", "failed_at", "completed_at")


def both(body: bytes):
    """Parse with `parse_runs`, and check that the fallback alone gives the same."""
    parsed = parse_runs(body, "thr_1")
    assert repr(parsed) == repr(parsing._tolerant(body, "thr_1"))
    return parsed


# --- what the API leaves open -------------------------------------------------------------------


def test_the_published_example_has_no_status_and_counts_as_failed():
    body = Path(__file__).with_name("example_runs.json").read_bytes()
    (run,), error = both(body)
    assert error is None
    assert run.unreadable is None
    assert (run.status, run.status_class, run.terminal) == ("", FAILED, True)
    assert run.ended == run.failed == run.completed == run.cancelled == parse_time("2023-11-07T05:31:56Z")
    assert (run.raw_id, run.agent_id, run.model) == ("<string>", "<string>", "<string>")
    assert (run.prompt_tokens, run.completion_tokens, run.total_tokens) == (123, 123, 123)


def test_both_spellings_of_cancelled_are_one_status_class_and_are_kept(raw_run, body_of):
    body = body_of([raw_run("a", status="canceled"), raw_run("b", status="cancelled")])
    rows = both(body).rows
    assert [(run.status, run.status_class, run.terminal) for run in rows] == [
        ("canceled", CANCELLED, True),
        ("cancelled", CANCELLED, True),
    ]
    assert json.loads(body)[0]["status"] == "canceled"


@pytest.mark.parametrize(
    "status", ["in_progress", "cancelling", "expired", "requires_action", "COMPLETED", "x" * 999]
)
def test_an_unknown_status_is_kept_and_terminal_only_with_an_end_time_and_inactive(raw_run, body_of, status):
    (run,), _ = both(body_of([raw_run(status=status)]))
    assert (run.status, run.status_class, run.terminal, run.active) == (status, UNKNOWN, False, False)
    (run,), _ = both(body_of([raw_run(status=status, completed_at="2026-11-24T12:00:00Z")]))
    assert (run.status, run.status_class) == (status, COMPLETED)
    (run,), _ = both(body_of([raw_run(status=status, completed_at="2026-11-24T12:00:00Z", is_active=True)]))
    assert (run.status, run.status_class) == (status, UNKNOWN)


def test_null_and_missing_mean_the_same_for_each_optional_field(raw_run, body_of):
    full = raw_run()
    for name in full:
        if name == "id":
            continue
        null = both(body_of([{**full, name: None}]))
        gone = both(body_of([{key: value for key, value in full.items() if key != name}]))
        assert null == gone
        assert null.rows[0].unreadable is None, name
    assert both(b'[{"id":"a"}]').rows[0][3:] == ("", "", UNKNOWN, "", False, *[None] * 10)


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None}]
)
def test_empty_usage_is_unknown_never_zero(raw_run, body_of, usage):
    (run,), _ = both(body_of([raw_run(usage=usage)]))
    assert (run.prompt_tokens, run.completion_tokens, run.total_tokens) == (None, None, None)
    assert run.unreadable is None


def test_a_null_count_is_unknown_and_the_other_counts_are_kept(raw_run, body_of):
    (run,), _ = both(
        body_of([raw_run(usage={"prompt_tokens": 0, "completion_tokens": None, "total_tokens": 7})])
    )
    assert (run.prompt_tokens, run.completion_tokens, run.total_tokens) == (0, None, 7)


BAD_ELEMENTS = [
    "null",
    "[]",
    "17",
    '"run"',
    "{}",
    '{"id": null}',
    '{"id": ""}',
    '{"id": ["a"]}',
    '{"id": "bad", "status": 5}',
    '{"id": "bad", "created_at": "yesterday"}',
    '{"id": "bad", "usage": [1]}',
    '{"id": "bad", "usage": {"total_tokens": "12"}}',
    '{"id": "bad", "usage": {"total_tokens": NaN}}',
    '{"id": "bad", "usage": {"total_tokens": 1.5}}',
    '{"id": "bad", "usage": {"total_tokens": true}}',
    '{"id": "bad", "is_active": "yes"}',
    '{"id": "bad", "created_at": NaN}',
    '{"id": "bad", "created_at": 1e999}',
    '{"id": "bad", "created_at": true}',
    '{"id": "bad", "model": {}}',
    '{"id": "bad", "x": tru}',
    '{"id" "bad"}',
    "{'id': 'bad'}",
    "",
    '{"id": "bad", "tools": ' + "[" * 10_000 + "]" * 10_000 + "}",
]


@pytest.mark.parametrize("bad", BAD_ELEMENTS, ids=lambda text: text[:40])
@pytest.mark.parametrize("place", [0, 7, 18])
def test_p24_one_bad_element_of_twenty_is_reported_and_the_others_are_read(raw_run, bad, place):
    good = [raw_run(f"run_{n}") for n in range(19)]
    texts = [json.dumps(run) for run in good]
    texts.insert(place, bad)
    rows, error = both(f"[{','.join(texts)}]".encode())
    assert error is None
    flagged = rows.pop(place)
    assert rows == [parse_run(run, "thr_1") for run in good]
    assert all(row.unreadable is None for row in rows)
    assert flagged.unreadable
    assert flagged.unreadable.isprintable()


def test_a_placeholder_has_the_same_key_at_every_poll(raw_run, body_of):
    first = both(body_of([{"created_at": "2026-11-24T12:00:00Z"}, raw_run()])).rows[0]
    again = both(body_of([raw_run(), {"created_at": "2026-11-24T12:00:00Z"}])).rows[1]
    other = both(body_of([{"created_at": "2026-11-24T12:00:01Z"}])).rows[0]
    assert first == again
    assert first.placeholder
    assert first.created == NOON
    assert first.unreadable == "id: missing"
    assert other.raw_id != first.raw_id


def test_of_thousands_of_invalid_elements_200_get_rows_and_all_are_counted():
    rows, error = parse_runs(b"[" + b"0," * 4000 + b'{"id":"good"},{}]', "thr_1")
    assert rows[-1].raw_id == "good"
    assert len(rows) == 201
    assert error == "4,001 elements that are not runs"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-24T12:00:00Z", NOON),
        ("2026-11-24T12:00:00z", NOON),
        ("2026-11-24t12:00:00+00:00", NOON),
        ("2026-11-24T13:00:00+01:00", NOON),
        ("2026-11-24T07:00:00-0500", NOON),
        ("2026-11-24T12:00:00", NOON),
        ("2026-11-24 12:00:00", NOON),
        ("2026-11-24T12:00:00.25Z", NOON + 0.25),
        ("2026-11-24T12:00:00.250000000Z", NOON + 0.25),
        (NOON, NOON),
        (int(NOON), NOON),
        (int(NOON * 1000), NOON),
        (NOON * 1000 + 250, NOON + 0.25),
        (str(int(NOON)), NOON),
        (str(int(NOON * 1000)), NOON),
        (1e11 - 1, 1e11 - 1),
        (1e11, 1e8),
        ("1612121051234", 1612121051.234),  # fromisoformat would read it as the 10th of December 1612
        (0, 0),
        (-1, -1),
        (None, None),
        ("0001-01-01T00:00:00+14:00", -62135596800 - 14 * 3600),
        ("9999-12-31T23:59:59-14:00", 253402300799 + 14 * 3600),
    ],
)
def test_times_of_every_format_are_read(raw_run, body_of, value, expected):
    assert parse_time(value) == expected
    for name in TIMES:
        (run,), _ = both(body_of([raw_run(status="weird", is_active=True, **{name: value})]))
        assert getattr(run, name.removesuffix("_at")) == expected
        assert run.unreadable is None


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            "soon",
            "2026-13-01T00:00:00Z",
            "12:00",
            "١٢٣٤٥٦٧٨٩٠",
            "\ud800",
            "\x1b[2J",
            "9" * 40,
            True,
            [],
            {},
        ),
        *(math.nan, math.inf, -math.inf, 1e18, -1e18, 10**400, -(10**400)),
    ],
)
def test_p22_a_bad_time_is_unknown_and_reported(raw_run, body_of, value):
    for name in TIMES:
        (run,), error = both(body_of([raw_run(**{name: value})]))
        assert error is None
        assert getattr(run, name.removesuffix("_at")) is None
        assert run.raw_id == "run_1"
        assert run.unreadable.startswith(f"{name}: not a time")
        assert len(run.unreadable) < 80
        assert safe_text(run.unreadable) == run.unreadable


# --- FAULTS.md: text and shapes -------------------------------------------------------------------

HOSTILE = [
    "\x1b[2J",
    "\x1b]52;c;aGk=\x07",
    "\x1b]0;t\x1b\\",
    "\x1b]8;;http://x\x1b\\",
    "\x9b31m",
    "\x00\x7f\x0e",
    "\u202e",
    "\u200b\u200d",
    "e" + "\u0301" * 30,
    "a\r\nb",
    "a\tb",
    "[bold]",
    "[@click=app.quit]",
    "x[/nope]y",
    '[link="u"]',
    "🚀日本",
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[f"P{n:02}" for n in range(1, 17)] + ["P26"])
@pytest.mark.parametrize("field", ["id", "agent_id", "status", "model"])
def test_p01_to_p16_and_p26_text_of_a_row_is_display_safe_and_ids_keep_their_raw_form(
    raw_run, body_of, text, field
):
    (run,), error = both(body_of([raw_run(**{field: text})]))
    assert error is None
    shown = {"id": run.id, "agent_id": run.agent_id, "status": run.status, "model": run.model}[field]
    assert shown == safe_text(text)
    assert run.raw_id == (text if field == "id" else "run_1")


@pytest.mark.parametrize("text", HOSTILE, ids=[f"P{n:02}" for n in range(1, 17)] + ["P26"])
def test_p01_to_p16_parse_detail_keeps_texts_raw(raw_run, body_of, text):
    raw = raw_run(instructions=text, tools=[{"description": text}], meta_data={text: text})
    assert parse_detail(body_of(raw)) == raw
    lines = "\n".join(json_lines(parse_detail(body_of(raw))))
    assert not set(lines) & set("\x00\x0e\x1b\x7f\x9b\u202e\u200b\u200d\ud800\r\t")


def test_p17_a_missing_status_is_unknown(raw_run, body_of):
    raw = raw_run()
    del raw["status"]
    (run,), _ = both(body_of([raw]))
    assert (run.status, run.status_class, run.unreadable) == ("", UNKNOWN, None)


def test_p20_and_p21_null_tools_and_metadata_and_missing_model_are_accepted(raw_run, body_of):
    raw = raw_run(tools=None, meta_data=None)
    del raw["temperature"], raw["model"]
    (run,), _ = both(body_of([raw]))
    assert (run.model, run.status_class, run.unreadable) == ("", RUNNING, None)


def test_p23_extra_fields_of_any_kind_are_ignored(raw_run, body_of):
    (run,), _ = both(body_of([raw_run(error={"a": [1]}, _private=1, model_config=2, **{"": None})]))
    assert run == parse_run(raw_run(), "thr_1")


def test_p25_a_byte_order_mark_is_accepted(raw_run, body_of):
    body = body_of([raw_run()])
    assert both(b"\xef\xbb\xbf" + body) == both(body)
    assert both(b"\xef\xbb\xbf" * 2 + body) == both(body)  # a proxy added a second one


def test_p26_an_escaped_lone_surrogate_does_not_hide_other_runs(raw_run):
    body = json.dumps([raw_run("a"), raw_run("b", model="gpt\ud83d"), raw_run("c")]).encode()
    assert b"\\ud83d" in body
    rows, error = both(body)
    assert error is None
    assert [run.model for run in rows] == ["llama", "gpt�", "llama"]


def test_p27_nan_in_an_unused_field_is_accepted(raw_run, body_of):
    body = body_of([raw_run(temperature=math.nan, top_p=-math.inf)])
    assert b"NaN" in body
    (run,), error = both(body)
    assert (run.raw_id, run.unreadable, error) == ("run_1", None, None)


@pytest.mark.parametrize("digits", [30, 4000, 4001, 4300, 4301, 20_000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_p28_token_counts_of_up_to_4000_digits_are_read_and_longer_ones_reported(digits, sign):
    body = f'[{{"id":"a"}},{{"id":"b","usage":{{"total_tokens":{sign}{"9" * digits}}}}}]'.encode()
    rows, error = both(body)
    assert error is None
    assert rows[0].unreadable is None
    if digits <= 4000:
        assert rows[1].total_tokens == int(sign + "9" * digits)
    else:
        assert rows[1].total_tokens is None
        assert "total_tokens" in rows[1].unreadable


def test_counts_written_as_exact_floats_are_read():
    (run,), _ = both(
        b'[{"id":"a","usage":{"prompt_tokens":12.0,"completion_tokens":1e3,"total_tokens":1e16}}]'
    )
    assert (run.prompt_tokens, run.completion_tokens, run.total_tokens) == (12, 1000, None)
    assert run.unreadable == "usage.total_tokens: expected a whole number, got '1e+16'"


def test_p29_json_nested_too_deep_is_one_error():
    for body in (b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b"[" * 10_000):
        rows, error = both(body)
        assert len(rows) + bool(error) == 1
        assert "nested deeper than 200 levels" in (error or rows[0].unreadable)


def test_p30_of_truncated_json_the_runs_before_the_break_are_kept(raw_run, body_of):
    body = body_of([raw_run("a"), raw_run("b"), raw_run("c")])
    rows, error = both(body[:-40])
    assert [run.raw_id for run in rows] == ["a", "b"]
    assert error is not None
    assert error.startswith("truncated JSON")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"<html><title>Login</title>", "an HTML page instead of JSON (Login)", id="P31"),
        pytest.param(b"", "an empty body instead of JSON", id="P32"),
        pytest.param(b'{"id":"a"}', "an object instead of an array", id="P33"),
        pytest.param(b'{"data":{"id":"a"}}', "an object instead of an array", id="P33 data"),
        pytest.param(b"null", "null instead of an array", id="null"),
    ],
)
def test_p31_p32_p33_a_body_that_is_not_a_list_is_reported(body, reason):
    assert both(body) == ([], reason)


def test_p33_a_wrapped_list_is_read(raw_run, body_of):
    assert both(body_of({"object": "list", "data": [raw_run()]})) == both(body_of([raw_run()]))


def test_the_last_of_duplicate_keys_counts():
    (run,), _ = both(
        b'[{"id":"a","status":7,"id":"b","status":"queued","usage":1,"usage":{"total_tokens":2}}]'
    )
    assert (run.raw_id, run.status_class, run.total_tokens, run.unreadable) == ("b", QUEUED, 2, None)


def test_metadata_under_any_of_its_names_is_accepted(raw_run, body_of):
    for name in ("meta_data", "metadata", "seekr_metadata"):
        (run,), _ = both(body_of([raw_run(**{name: {"a": 1}})]))
        assert (run.raw_id, run.unreadable) == ("run_1", None)


# --- threads, agents, details ---------------------------------------------------------------------


def test_threads_are_parsed_with_their_locks(body_of):
    values = [
        {"id": "thr_1", "status": "locked", "active_run_id": "run_1", "created_at": "2026-11-24T12:00:00Z"},
        {"id": "thr\x1b", "status": "available", "active_run_id": None},
        {"id": "thr_3", "active_run_id": ""},
        {"status": "locked"},
        7,
    ]
    rows, error = parse_threads(body_of(values))
    assert error is None
    assert rows[0] == ("thr_1", "thr_1", "locked", "run_1", NOON, None)
    assert [row.locked for row in rows] == [True, False, False, True, False]
    assert (rows[1].key, rows[1].id, rows[1].active_run) == ("thr\x1b", "thr␛", None)
    assert rows[2].active_run is None
    assert rows[3].unreadable == "id: missing"
    assert rows[4].unreadable == "expected an object, got a number"


def test_agent_names_are_display_safe_and_agents_without_a_name_are_left_out(body_of):
    agents = [
        {"id": "a", "name": "Bo\x1bt"},
        {"id": "b"},
        {"id": 1, "name": "x"},
        None,
        {"id": "c", "name": ""},
    ]
    assert parse_agents(body_of({"data": agents})) == {"a": "Bo␛t", "c": ""}
    assert parse_agents(b"<html>") == {}


def test_parse_detail_returns_all_fields_raw_wrapped_or_not(raw_run, body_of):
    assert parse_detail(body_of(raw_run())) == raw_run()
    assert parse_detail(body_of({"data": raw_run()})) == raw_run()
    assert parse_detail(body_of({"id": "a", "data": {"x": 1}})) == {"id": "a", "data": {"x": 1}}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty body"),
        (b"[]", "an array instead of an object"),
        (b"null", "null instead"),
        (b"<p>", "an HTML"),
    ],
)
def test_parse_detail_raises_if_the_body_is_not_an_object(body, reason):
    with pytest.raises(UnreadableError, match=f"The server sent {reason}"):
        parse_detail(body)


@pytest.mark.parametrize("sign", ["x", "é", "✅", "🙂", "\x7f"])
def test_a_page_of_runs_with_very_long_instructions_is_read_whole(sign):
    """The page is too large to be decoded at once; its elements are not."""
    page = [{"id": f"run_{n}", "status": "completed", "instructions": sign * 12_000} for n in range(400)]
    body = json.dumps(page, ensure_ascii=False).encode()
    parsed = parse_runs(body, "thr_1")
    assert parsed.error is None
    assert [row.raw_id for row in parsed.rows] == [run["id"] for run in page]
    assert {row.unreadable for row in parsed.rows} == {None}


def test_a_page_of_long_instructions_with_emoji_takes_the_fast_path(raw_run, body_of, monkeypatch):
    body = body_of([raw_run(f"run_{number}", instructions="🙂" + "é" * 2_800) for number in range(200)])
    rows = parsing._tolerant(body, "thr_1").rows
    monkeypatch.setattr(parsing, "_tolerant", lambda *_: pytest.fail("read element by element"))
    assert len(body) > 3_000_000
    assert parse_runs(body, "thr_1") == (rows, None)


def test_a_long_id_is_read_by_the_fallback(raw_run, body_of):
    rows = both(body_of([raw_run("🙂" * 10_001), raw_run("run_1")])).rows
    assert [len(row.raw_id) for row in rows] == [10_001, 5]
