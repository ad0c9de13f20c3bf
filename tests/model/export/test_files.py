"""The view as a file: the order of the screen, every form, and nothing of a server that becomes a formula or markup."""

import csv
import io
import json
import os
from datetime import UTC
from pathlib import Path

import pytest

from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.columns.context import Context
from flowtui.model.export.files import FILE_FORMATS, describe_view, export_runs, row_text
from flowtui.model.state.known_runs import apply_runs
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import View

GOLDEN = Path(__file__).parent / "golden"
NOW = 1_794_000_000.0
HOSTILE = "|a\n`b` ![x](http://evil/x.png)<script>\x1b[2J\u202e=1+1"


@pytest.fixture
def world(a_run, fresh):
    """Three runs, one of them hostile, seen four seconds ago by a clock ten seconds behind the server's."""
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
    return "".join(export_runs(rows, DEFAULT, context, form, **more))


def compare(name, got):
    path = GOLDEN / name
    if os.environ.get("FLOWTUI_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, encoding="utf-8", newline="\n")
    assert got == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FILE_FORMATS)
def test_every_form_has_its_golden_file(form, world):
    view = View(
        Grouping("thread", "thr_1"), only="problems", text="status:failed |x|", sort="tokens", descending=True
    )
    chosen = describe_view(view, world[1])
    compare(f"export.{form}", text_of(world, form, chosen=chosen))


def test_the_order_is_that_of_the_rows(world):
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


def test_json_holds_the_apis_names_and_null_for_what_is_unknown(world):
    run = json.loads(text_of(world, "jsonl").splitlines()[2])
    assert run["v"] == 1
    assert run["created_at"] == "2026-11-06T21:18:20.000Z"
    assert run["completed_at"] is None
    assert run["usage"] == {"prompt_tokens": None, "completion_tokens": None, "total_tokens": 1200}
    assert run["flowtui"]["status_class"] == "running"
    assert "instructions" not in run


def test_a_row_without_an_id_gets_none(a_run, world):
    rows = [a_run("x")._replace(raw_id="unreadable-1", unreadable="no id")]
    assert "id" not in json.loads(text_of((rows, world[1]), "jsonl"))


@pytest.mark.parametrize("form", FILE_FORMATS)
def test_nothing_of_a_server_can_act(form, world):
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
def test_no_rows_are_a_file_too(form, world):
    text = text_of(([], world[1]), form)
    assert (
        text
        == {
            "csv": ",".join(DEFAULT) + "\n",
            "json": '{"v": 1, "runs": []}\n',
            "jsonl": "",
            "md": text,
        }[form]
    )
    assert "Infinity" not in text


def test_markdown_says_how_old_it_is_and_never_guesses(world):
    rows, _ = world
    assert "as of 4s before" in text_of(world, "md")
    unseen = Context(now=NOW, zone=UTC)
    assert "how old the rows are is not known" in text_of((rows, unseen), "md")


def test_a_row_is_as_seen_with_tabs_between(world):
    rows, context = world
    cells = row_text(rows[1], list(COLUMNS), context).split("\t")
    assert len(cells) == len(COLUMNS)
    assert cells[:2] == ["completed", "'=cmd|'/c calc'"]
    assert row_text(rows[0], DEFAULT, context).isprintable() is False  # the tabs themselves
    assert row_text(rows[0], DEFAULT, context).replace("\t", "").isprintable()


def test_a_view_in_words(world):
    context = world[1]
    assert describe_view(View(), context) == "all runs of all threads; sorted by age, newest first"
    assert (
        describe_view(View(text="a\nb", descending=True), context)
        == "filter a␊b; sorted by age, oldest first"
    )
