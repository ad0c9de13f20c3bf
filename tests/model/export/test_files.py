"""Exported files: every format, the order of the screen, and server text never becomes a formula or markup."""

import csv
import io
import json
import os
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from flowtui.model.columns.columns import COLUMNS, PRINTED
from flowtui.model.columns.context import Context
from flowtui.model.export.files import FILE_FORMATS, describe_view, export_runs, row_text
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.redacted import REDACTED
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import apply_runs, apply_span_facts
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import View

GOLDEN = Path(__file__).parent / "golden"
NOW = 1_794_000_000.0
HOSTILE = "|a\n`b` ![x](http://evil/x.png)<script>\x1b[2J\u202e=1+1"


@pytest.fixture
def world(a_run, fresh):
    """Three runs, one of them hostile, read 4 s ago; the local clock is 10 s behind the server's."""
    rows = [
        a_run("run_3", "failed", agent_id=HOSTILE, model=f"m/{HOSTILE}", created=NOW - 50, thread_id="thr_1"),
        a_run("=cmd|'/c calc'", "completed", created=NOW - 90, started=NOW - 80, completed=NOW - 40),
        a_run("run_1", "running", created=NOW - 100, started=NOW - 70, usage={"total_tokens": 1200}),
    ]
    state, _ = apply_runs(fresh(), rows, at=NOW - 14, whole=True)
    context = Context(now=NOW, zone=UTC, threads={"thr_1": state}, clock_offset=10.0, agents={"agent_1": "x"})
    return rows, context


def text_of(world, form, **more):
    rows, context = world
    return "".join(export_runs(rows, PRINTED, context, form, **more))


def compare(name, got):
    path = GOLDEN / name
    if os.environ.get("FLOWTUI_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, encoding="utf-8", newline="\n")
    assert got == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FILE_FORMATS)
def test_every_format_matches_its_golden_file(form, world):
    view = View(
        Grouping("thread", "thr_1"), only="problems", text="status:failed |x|", sort="tokens", descending=True
    )
    chosen = describe_view(view, world[1])
    compare(f"export.{form}", text_of(world, form, chosen=chosen))


def test_json_says_why_a_run_failed_and_files_have_the_column(world):
    rows, context = world
    reason = Reason("'tax_rate' is not in the order", "tool run_python")
    known = (rows, replace(context, reasons=dict.fromkeys((rows[0].key, rows[1].key), reason)))
    told = [run["flowtui"] for run in json.loads(text_of(known, "json"))["runs"]]
    assert (told[0]["failure_reason"], told[0]["reason_id"]) == (reason.text, reason_id(reason))
    assert "failure_reason" not in told[1]  # the server says by now that it completed
    hidden = reason._replace(text="run_python: [redacted]", hidden_id="0011223344")
    secret = (rows, replace(context, reasons={rows[0].key: hidden}, redact=True))
    told = [run["flowtui"] for run in json.loads(text_of(secret, "json"))["runs"]]
    assert (told[0]["failure_reason"], told[0]["reason_id"]) == ("run_python: [redacted]", "0011223344")
    text = "".join(export_runs(rows, ("status", "reason"), known[1], "csv"))
    assert text.splitlines() == ["status,reason", f"failed,{reason.text}", "completed,", "running,"]
    assert "tax" in "".join(export_runs(rows, ("status", "reason"), known[1], "md"))


def test_files_keep_the_order_of_the_rows(world):
    rows, context = world
    turned = (rows[::-1], context)
    ids = [run["id"] for run in json.loads(text_of(turned, "json"))["runs"]]
    assert ids == ["run_1", "=cmd|'/c calc'", "run_3"]
    assert [json.loads(line)["id"] for line in text_of(turned, "jsonl").splitlines()] == ids
    assert [line[1] for line in csv.reader(io.StringIO(text_of(turned, "csv")))][1:] == [
        ids[0],
        f"'{ids[1]}",
        ids[2],
    ]


def test_json_has_the_apis_names_and_null_for_unknown_values(world):
    run = json.loads(text_of(world, "jsonl").splitlines()[2])
    assert run["v"] == 1
    assert run["created_at"] == "2026-11-06T21:18:20.000Z"
    assert run["completed_at"] is None
    assert run["usage"] == {"prompt_tokens": None, "completion_tokens": None, "total_tokens": 1200}
    assert run["flowtui"]["status_class"] == "running"
    assert "instructions" not in run


def test_a_row_without_an_id_has_no_id_in_json(a_run, world):
    rows = [a_run("x")._replace(raw_id="unreadable-1", unreadable="no id")]
    assert "id" not in json.loads(text_of((rows, world[1]), "jsonl"))


@pytest.mark.parametrize("form", FILE_FORMATS)
def test_server_text_cannot_become_a_formula_or_markup(form, world):
    text = text_of(world, form, chosen=HOSTILE)
    assert all(char == "\n" or char.isprintable() for char in text)
    if form in ("json", "jsonl"):
        assert text.isascii()
    if form == "csv":
        assert not any(cell.startswith("=") for line in csv.reader(io.StringIO(text)) for cell in line)
    if form == "md":
        assert "<script>" not in text
        assert "![" not in text
        assert len({line.replace(r"\|", "").count("|") for line in text.splitlines() if "|" in line[:1]}) == 1


@pytest.mark.parametrize("form", FILE_FORMATS)
def test_a_file_without_rows_is_valid(form, world):
    text = text_of(([], world[1]), form)
    assert (
        text
        == {
            "csv": ",".join(PRINTED) + "\n",
            "json": '{"v": 1, "runs": []}\n',
            "jsonl": "",
            "md": text,
        }[form]
    )
    assert "Infinity" not in text


def test_markdown_says_how_old_the_rows_are_only_if_known(world):
    rows, _ = world
    assert "as of 4s before" in text_of(world, "md")
    unseen = Context(now=NOW, zone=UTC)
    assert "how old the rows are is not known" in text_of((rows, unseen), "md")


def test_a_copied_row_has_the_shown_texts_separated_by_tabs(world):
    rows, context = world
    cells = row_text(rows[1], list(COLUMNS), context).split("\t")
    assert len(cells) == len(COLUMNS)
    assert cells[:2] == ["completed", "'=cmd|'/c calc'"]
    assert row_text(rows[0], PRINTED, context).isprintable() is False  # only the separators
    assert row_text(rows[0], PRINTED, context).replace("\t", "").isprintable()


def test_a_view_is_described_in_words(world):
    context = world[1]
    assert describe_view(View(), context) == "all runs of all threads; sorted by age, newest first"
    assert (
        describe_view(View(text="a\nb", descending=True), context)
        == "filter a␊b; sorted by age, oldest first"
    )


def test_group_and_labels_are_exported_where_spans_told_them(world):
    rows, context = world
    facts = {
        "run_1": SpanFacts("nightly", (("env", "=1+1"), ("url", '<b>|"x y"'))),
        "run_3": SpanFacts(),
    }
    state = apply_span_facts(context.threads["thr_1"], facts)
    labelled = replace(context, threads={"thr_1": state})
    own = {"group": "nightly", "labels": {"env": "=1+1", "url": '<b>|"x y"'}}
    for redact, first in (
        (False, own),
        (True, {"group": REDACTED, "labels": {"env": REDACTED, "url": REDACTED}}),
    ):
        found = replace(labelled, redact=redact)
        text = "".join(export_runs(rows, PRINTED, found, "json"))
        by_id = {raw["id"]: raw["flowtui"] for raw in json.loads(text)["runs"]}
        assert {name: by_id["run_1"][name] for name in first} == first
        assert (by_id["run_3"]["group"], by_id["run_3"]["labels"]) == (None, {})
        assert not {"group", "labels"} & by_id["=cmd|'/c calc'"].keys()

    names = ("run", "group", "labels", "label.env")
    lines = list(csv.reader(io.StringIO("".join(export_runs(rows, names, labelled, "csv")))))
    assert lines[0] == list(names)
    assert [line[1:] for line in lines[1:]] == [
        ["(none)", "(none)", "(none)"],
        ["", "", ""],
        ["nightly", 'env="=1+1" url="<b>|\\"x y\\""', "'=1+1"],
    ]
    markdown = "".join(export_runs(rows, names, labelled, "md"))
    assert "<b>" not in markdown
    assert row_text(rows[2], ("run", "label.env"), labelled) == "run_1\t'=1+1"
