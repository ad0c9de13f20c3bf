"""`--columns meta_data.env`: paths into the raw runs as columns of every output, over real HTTP."""

import csv
import io
import json

import pytest

from flowtui.text import short_id

COLUMNS = "run,status,meta_data.env,tools[0].name,usage.total_tokens"


@pytest.fixture
def raws(flowtui, simulator):
    """Return the API's own objects of one thread's runs, newest first."""
    thread = max(simulator.thread_ids(), key=lambda name: len(simulator.run_ids(name)))
    assert flowtui("runs", thread, "--all", "-o", "json") == 0
    return thread, json.loads(flowtui.out)["runs"]


def expected(raw):
    total = (raw["usage"] or {}).get("total_tokens")
    tools = raw["tools"] or [{}]
    return [
        raw["id"],
        raw["status"],
        raw["meta_data"]["env"],
        tools[0].get("name") or "",
        "" if total is None else str(total),
    ]


def test_csv_has_the_values_of_the_raw_json(flowtui, raws):
    thread, runs = raws
    assert flowtui("runs", thread, "--all", "-o", "csv", "--columns", COLUMNS) == 0
    table = list(csv.reader(io.StringIO(flowtui.out)))
    assert table[0] == COLUMNS.split(",")
    assert table[1:] == [expected(raw) for raw in runs]
    assert len({line[2] for line in table[1:]}) > 1


def test_a_table_shows_a_dash_for_missing_values(flowtui, raws):
    thread, runs = raws
    assert (
        flowtui("runs", thread, "-o", "table", "--columns", "run,.temperature,meta_data.no,Meta_Data.env")
        == 0
    )
    lines = flowtui.out.splitlines()
    assert lines[0].split() == ["RUN", "TEMPERATURE", "META_DATA.NO", "META_DATA.ENV"]
    for raw, line in zip(runs, lines[1:], strict=False):
        assert line.split() == [short_id(raw["id"]), f"{raw['temperature']:g}", "—", "—"]


def test_runs_can_be_sorted_by_a_path_that_is_not_among_the_columns(flowtui, raws):
    thread, runs = raws
    assert flowtui("runs", thread, "--all", "--sort", "meta_data.env") == 0
    envs = [json.loads(line)["meta_data"]["env"] for line in flowtui.out.splitlines()]
    assert envs == sorted(raw["meta_data"]["env"] for raw in runs)
    assert flowtui("runs", thread, "--all", "--sort", " TOKENS ", "-o", "csv", "--columns", "tokens") == 0
    tokens = [int(line) for line in flowtui.out.split()[1:] if line.isdigit()]
    assert tokens == sorted(tokens)


def test_columns_do_not_change_json(flowtui, raws):
    thread, runs = raws
    assert flowtui("runs", thread, "--all", "-o", "json", "--columns", COLUMNS) == 0
    assert json.loads(flowtui.out)["runs"] == runs
    assert "--columns is for" in flowtui.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--columns", "run,tokns"], "Did you mean tokens?"),
        (["--columns", "run,meta_data..env"], "is no path"),
        (["--columns", "run,meta_data["], "is no path"),
        (["--columns", "run,,status"], "there is no column"),
        (["--columns", "meta_dta"], "paths such as meta_data.env"),
        (["--sort", "tools[x].name"], "--sort: "),
        (["--columns", ",".join(f"m.k{number}" for number in range(20))], "at most 12"),
    ],
)
def test_an_unknown_column_is_refused_before_any_request(words, says, flowtui, simulator):
    before = len(simulator.requests)
    assert flowtui("runs", *words) == 2
    assert flowtui.out == ""
    assert says in flowtui.err
    assert len(simulator.requests) == before


def test_hostile_values_are_safe_and_not_formulas(flowtui, simulator):
    simulator.add_fault("text-formula")
    simulator.add_fault("text-nul")
    for form in ("csv", "table"):
        assert flowtui("runs", "-o", form, "--columns", "run,meta_data.customer") == 0
        assert flowtui.out.replace("\n", "").isprintable()
    simulator.clear_faults()
    simulator.add_fault("text-formula")
    assert flowtui("runs", "-o", "csv", "--columns", "meta_data.customer") == 0
    cells = [line[0] for line in csv.reader(io.StringIO(flowtui.out))][1:]
    assert cells
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_metadata_that_is_null_is_unknown(flowtui, simulator):
    simulator.add_fault("null-tools")
    assert flowtui("runs", "-o", "csv", "--columns", "meta_data.env,tools[0].name") == 0
    assert set(flowtui.out.splitlines()[1:]) == {","}
