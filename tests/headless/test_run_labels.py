"""`flowtui runs` with group and labels, over real HTTP: requests, columns, filter, order, JSON, and what cannot be read."""

import csv
import io
import json
from unittest.mock import patch

import pytest

from flowtui.headless import run_labels

SPANS = "/v1/observability/spans"
ALL = ("--all", "-o", "csv")


@pytest.fixture
def thread(simulator):
    return max(simulator.thread_ids(), key=lambda name: len(simulator.run_ids(name)))


@pytest.fixture
def known(flowtui, simulator, thread):
    """Return run id → its labels and group, as a server shows them that has them on runs, too."""
    simulator.add_fault("labels-on-runs")
    assert flowtui("runs", thread, "--all", "-o", "json") == 0
    found = {raw["id"]: raw for raw in json.loads(flowtui.out)["runs"]}
    simulator.clear_faults()
    return {key: {**raw["meta_data"], "status": raw["status"]} for key, raw in found.items()}


@pytest.fixture
def span_requests(simulator):
    before = len(simulator.requests)

    def count():
        return sum(path == SPANS for _, path, _ in list(simulator.requests)[before:])

    return count


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_columns_show_what_spans_say_with_one_request_a_thread(flowtui, thread, known, span_requests):
    assert flowtui("runs", thread, *ALL, "--columns", "run,group,label.env,label.nope") == 0
    table = rows(flowtui.out)
    traced = [row for row in table if known[row["run"]]["status"] != "queued"]
    assert len(traced) > 5
    for row in traced:
        labels = known[row["run"]]
        assert (row["group"], row["label.env"], row["label.nope"]) == (
            labels["group"],
            labels["env"],
            "(none)",
        )
    queued = [row for row in table if known[row["run"]]["status"] == "queued"]
    assert len(queued) == 1
    assert (queued[0]["group"], queued[0]["label.env"]) == ("", "")
    assert flowtui.err == "flowtui: labels of 1 run could not be read: no span names it\n"
    assert span_requests() == 1


def test_without_a_wish_for_labels_no_span_is_read(flowtui, thread, span_requests):
    for words in (["-o", "json"], ["-o", "csv"], ["--filter", "status:failed"], ["--sort", "tokens"]):
        assert flowtui("runs", thread, *words) == 0
    assert '"labels"' not in flowtui.out
    assert span_requests() == 0


def test_a_filter_reads_the_labels_of_the_runs_that_it_might_show(flowtui, thread, known, span_requests):
    env = next(labels["env"] for labels in known.values() if labels["status"] == "completed")
    wanted = [
        key
        for key, labels in known.items()
        if labels["env"] == env and labels["group"] == "default_group" and labels["status"] == "completed"
    ]
    words = f"label.env={env} group:default status:completed"
    assert flowtui("runs", thread, *ALL, "--columns", "run", "--filter", words) == 0
    assert [row["run"] for row in rows(flowtui.out)] == wanted
    assert flowtui.err == ""
    assert span_requests() == 1
    assert flowtui("runs", thread, "--all", "--filter", "label.env:x status:nothing") == 0
    assert span_requests() == 1  # no run is left that could match


def test_order_and_json_have_labels_when_a_column_asks_for_them(flowtui, thread, known):
    words = ("--columns", "run,labels", "--sort", "label.env", "--filter", "status:terminal")
    assert flowtui("runs", thread, "--all", "-o", "json", *words) == 0
    runs = json.loads(flowtui.out)["runs"]
    assert len(runs) > 5
    for run in runs:
        labels = dict(known[run["id"]])
        assert run["flowtui"]["group"] == labels.pop("group")
        labels.pop("status")
        assert run["flowtui"]["labels"] == labels
    envs = [run["flowtui"]["labels"]["env"] for run in runs]
    assert envs == sorted(envs)


def test_redacted_labels_have_names_and_no_values(flowtui, thread):
    words = ("--columns", "group,label.env", "--filter", "status:terminal", "--redact")
    assert flowtui("runs", thread, "-o", "csv", *words) == 0
    assert {tuple(row.values()) for row in rows(flowtui.out)} == {("[redacted]", "[redacted]")}
    assert flowtui("runs", thread, "-o", "json", *words) == 0
    for run in json.loads(flowtui.out)["runs"]:
        assert run["flowtui"]["group"] == "[redacted]"
        assert set(run["flowtui"]["labels"]) == {"env", "region", "release", "customer"}
        assert set(run["flowtui"]["labels"].values()) == {"[redacted]"}


def test_runs_without_labels_have_none_which_is_known(flowtui, simulator, thread):
    simulator.add_fault("no-labels")
    words = ("--columns", "group,labels", "--filter", "status:terminal")
    assert flowtui("runs", thread, "-o", "csv", *words) == 0
    assert {tuple(row.values()) for row in rows(flowtui.out)} == {("(none)", "(none)")}
    assert flowtui("runs", thread, "-o", "json", *words) == 0
    run = json.loads(flowtui.out)["runs"][0]["flowtui"]
    assert (run["group"], run["labels"]) == (None, {})


def test_labels_that_cannot_be_read_end_in_3_and_the_runs_are_printed(flowtui, simulator, thread):
    simulator.add_fault("not-found@spans")
    assert flowtui("runs", thread, "-o", "csv", "--columns", "run,label.env", "--limit", "4") == 3
    assert [row["label.env"] for row in rows(flowtui.out)] == [""] * 4
    assert "labels of 4 runs could not be read\n" in flowtui.err
    assert "spans: " in flowtui.err
    assert "404" in flowtui.err


def test_a_server_without_spans_is_not_asked_for_each_thread(flowtui, simulator, span_requests):
    simulator.add_fault("not-found@spans")
    assert flowtui("runs", *ALL, "--columns", "run,label.env") == 3
    assert rows(flowtui.out)
    assert flowtui.err.count("404") == 1
    assert 1 <= span_requests() <= 5  # those that were under way at the same time


def test_pages_of_spans_are_followed_and_limited(flowtui, thread, span_requests):
    words = ("runs", thread, *ALL, "--columns", "run,label.env", "--filter", "status:terminal")
    with patch.object(run_labels, "PAGE", 50):
        assert flowtui(*words) == 0
        assert flowtui.err == ""
        pages = span_requests()
        assert 1 < pages <= run_labels.MAX_PAGES
        with patch.object(run_labels, "MAX_PAGES", 1):
            assert flowtui(*words) == 3
    assert span_requests() == pages + 1
    assert "could not be read\n" in flowtui.err
    assert "at most 1 pages of a thread" in flowtui.err
    assert {row["label.env"] for row in rows(flowtui.out)} > {""}


def test_every_thread_is_asked_only_for_its_own_runs(flowtui, simulator, span_requests):
    assert flowtui("runs", *ALL, "--columns", "label.env", "--filter", "status:terminal") == 0
    assert all(row["label.env"] for row in rows(flowtui.out))
    assert span_requests() == len(simulator.thread_ids())


def test_the_report_of_a_run_has_the_labels_of_its_spans(flowtui, thread, known):
    run = next(key for key, labels in known.items() if labels["status"] == "completed")
    assert flowtui("run", run, "-t", thread, "-o", "markdown") == 0
    assert f"env={known[run]['env']}" in flowtui.out
    assert flowtui("run", run, "-t", thread, "-o", "markdown", "--redact") == 0
    assert f"env={known[run]['env']}" not in flowtui.out
    assert "env=\\[redacted\\]" in flowtui.out
