"""The brief as text, Markdown and JSON: in 80 columns, with foreign text that is no markup, with fields that stay."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.model.answers.brief.brief import brief
from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.moments import short_time
from flowtui.model.answers.brief.remarks import Named, before_words, seen_words, title_words
from flowtui.model.export.brief.document import brief_markdown
from flowtui.model.export.brief.record import brief_record
from flowtui.model.export.brief.text import WIDTH, brief_text
from flowtui.model.export.json_text import to_json
from flowtui.model.export.markdown import literal
from flowtui.model.reasons.reason import Reason
from flowtui.text import cell_width

from ...answers.brief import nights
from ...answers.brief.brief_world import brief_input
from ...answers.brief.nights import BEGIN, NOW, SINCE

NAMED = Named("since", SINCE, NOW)
PRICES = Prices({"*llama*": Price(0.2, 0.6), "gpt*": Price(2.5, 10.0)})
HOSTILE = "<!channel> @all `rm` [x](http://evil) | *b* _i_ :tada: #1 &amp; ~s~ \\ $x$"
FIELDS = {
    *("range", "since", "until", "sentences", "outcomes", "usual_since", "agents", "reasons"),
    *("unexplained", "spend", "slowest", "waited_longest", "releases", "open", "rests_on"),
}


def of(name, seed=1):
    world = next(night for night in nights.NIGHTS if night.name == name).make(seed)
    return brief_input(world, SINCE, NOW, begin=BEGIN, prices=PRICES)


@pytest.fixture(scope="module")
def three():
    return brief(of("three at once"))


def test_text_has_at_most_80_columns_and_says_what_it_rests_on(three):
    text = brief_text(three, NAMED, UTC, "From the history: watched all 13h.")
    assert max(cell_width(line) for line in text.splitlines()) <= WIDTH
    assert text.startswith("Brief: since Tue 24 Nov 18:02, 13h 43m\n\nx Since release-42, 02:04 to 03:10")
    for words in ("Rests on ", "60 of them read after the gap", "From the history", "billing", "多言語"):
        assert words in text
    assert "\x1b" not in text


def test_sections_without_anything_are_left_out():
    empty = brief(BriefInput(since=SINCE, until=NOW, now=NOW, runs=()))
    text = brief_text(empty, NAMED, UTC)
    assert text.splitlines()[2:] == [
        "! No run ended, in 13h 43m",
        "    none is active",
        "",
        "Still open: nothing is active",
        "Rests on 0 runs of 0 threads.",
    ]


def hostile():
    world = next(night for night in nights.NIGHTS if night.name == "a tool that is down for 20 minutes").make(
        1
    )
    evil = Reason(HOSTILE, "tool crm")
    why = {key: evil if reason == nights.CRM else reason for key, reason in world.why.items()}
    names = {key: f"{name} {HOSTILE}" for key, name in world.names.items()}
    data = brief_input(world, SINCE, NOW, begin=BEGIN, prices=PRICES)
    return brief(replace(data, reasons=why, names=names))


def test_foreign_text_is_code_in_markdown_and_never_markup():
    written = brief_markdown(hostile(), NAMED, UTC, "From the API.")
    outside = re.sub(r"```text\n.*?\n```", "", written, flags=re.DOTALL)
    bare = re.sub(r"`[^`\n]*`", "", outside)
    assert "`" not in bare, "every backtick has its other one"
    for sign in ("<", "@", "[", "|", "~", "\\", "$", "&", ":tada:", "_i_"):
        assert sign not in bare, sign
    assert "<!channel>" in written, "it is shown as it is"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("release-42", "release-42"),
        ("run_python", "run_python"),
        ("02:04 to 03:10, 45m", "02:04 to 03:10, 45m"),
        ("'tax_rate' is not in the order", "'tax_rate' is not in the order"),
        ("a `b` c", "`a 'b' c`"),
        ("- no list", "`- no list`"),
        ("1. no list", "`1. no list`"),
        ("_all_", "`_all_`"),
        ("see www.evil.example", "`see www.evil.example`"),
        ("a\nb", "a␊b"),
    ],
)
def test_only_what_could_be_markup_is_code(text, shown):
    assert literal(text) == shown


def test_json_has_all_fields_and_only_plain_ascii(three):
    record = brief_record(three, NAMED)
    assert set(record) == FIELDS
    text = to_json(record)
    assert text.isascii()
    found = json.loads(text)
    assert [one["kind"] for one in found["sentences"]] == ["release", "reason", "gap", "quiet"]
    first = found["sentences"][0]
    assert (first["name"], first["following"], first["since"]) == (
        "release-42",
        "release-43",
        "2026-11-25T02:04:00.000Z",
    )
    assert first["count"] <= first["of"]
    assert first["reason"]["text"] == nights.TAX.text
    outcomes = found["outcomes"]
    parts = ("completed", "failed", "cancelled", "active", "unknown")
    assert outcomes["runs"] == sum(outcomes[name] for name in parts)
    assert found["spend"]["cost_is_lower_bound"] is True
    assert found["rests_on"]["read_afterwards"] == found["sentences"][2]["count"]


@pytest.mark.slow
def test_the_new_agent_is_one_word_in_json():
    record = brief_record(brief(of("a new agent")), NAMED)
    assert record["sentences"][0]["kind"] == "new_agent"


def test_the_title_says_which_time_and_how_long():
    assert title_words(NAMED, UTC) == "since Tue 24 Nov 18:02, 13h 43m"
    cut = NAMED._replace(until=NAMED.until - 0.9)  # the server's time has whole seconds
    assert title_words(cut, UTC) == title_words(NAMED, UTC)
    assert title_words(NAMED._replace(name="since you left"), UTC).startswith("since you left, Tue 24 Nov")
    ended = Named("last night", SINCE, NOW, goes_on=False)
    assert title_words(ended, UTC) == "last night, Tue 24 Nov 18:02 to Wed 25 Nov 07:45, 13h 43m"


def test_a_reason_that_came_again_after_it_went_is_not_said_to_end_then():
    data = of("a tool that is down for 20 minutes")
    found = brief(data)
    row = next(row for row in found.reasons if row.reason == nights.CRM)
    (went,) = [one.until for one in found.sentences if one.reason == nights.CRM]
    assert (row.over, went) == (True, row.times[-1])
    assert seen_words(row, found, UTC) == f"to {short_time(went, NOW, UTC)}"
    last = next(run for run in data.runs if run.key in data.reasons and run.ended == went)
    straggler = last._replace(raw_id="late", id="late", failed=NOW - 60.0)
    later = brief(
        replace(data, runs=[*data.runs, straggler], reasons={**data.reasons, straggler.key: nights.CRM})
    )
    row = next(row for row in later.reasons if row.reason == nights.CRM)
    assert (row.over, seen_words(row, later, UTC)) == (True, f"last {short_time(NOW - 60.0, NOW, UTC)}")


def test_the_spend_is_compared_only_with_runs():
    data = of("nothing at all")
    assert before_words(brief(data)) == "against the same hours a day before"
    assert before_words(brief(replace(data, before=()))) == "no run ended in the same hours a day before"
    assert before_words(brief(replace(data, before=None, before_since=None))) == "nothing to compare with"


@pytest.mark.parametrize("wide", ["x" * 900, "多" * 900, "word " * 200])
def test_long_names_reasons_and_huge_numbers_fit_into_80_columns(wide):
    data = of("a tool that is down for 20 minutes", 2)
    rows = [
        run._replace(total_tokens=10**400) if place % 9 == 0 else run for place, run in enumerate(data.runs)
    ]
    why = {key: reason._replace(text=wide) for key, reason in data.reasons.items()}
    names = dict.fromkeys(data.names, wide)
    found = brief(replace(data, runs=rows, reasons=why, names=names))
    text = brief_text(found, NAMED, UTC)
    assert max(cell_width(line) for line in text.splitlines()) <= WIDTH
    assert text.count("\n") < 150
    assert to_json(brief_record(found, NAMED)).isascii()
    assert brief_markdown(found, NAMED, UTC)
