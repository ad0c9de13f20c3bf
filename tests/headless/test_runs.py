"""`flowtui runs`: which threads, how many runs, in which order, and messages about what is missing."""

import csv
import io
import json
import sys

import pytest

from flowtui.simulator.world.catalogue import AGENTS


def rows(shell):
    return [json.loads(line) for line in shell.out.splitlines()]


@pytest.fixture
def threads(simulator):
    return sorted(simulator.thread_ids(), key=lambda thread: -len(simulator.run_ids(thread)))


def test_every_thread_of_the_keys_owner_newest_first(flowtui, simulator):
    assert flowtui("runs", "--limit", "100") == 0
    expected = [(thread, run) for thread in simulator.thread_ids() for run in simulator.run_ids(thread)]
    assert sorted((row["thread_id"], row["id"]) for row in rows(flowtui)) == sorted(expected)
    first = [row["id"] for row in rows(flowtui) if row["thread_id"] == simulator.thread_ids()[0]]
    assert first == simulator.run_ids(simulator.thread_ids()[0])


def test_the_same_command_prints_the_same_output(flowtui):
    flowtui("runs", "-o", "json")
    first = flowtui.out
    flowtui("runs", "-o", "json")
    assert flowtui.out == first


def test_named_threads_in_the_order_named_each_once(flowtui, threads):
    a, b = threads[0], threads[1]
    assert flowtui("runs", b, a, b, "--limit", "1") == 0
    assert [row["thread_id"] for row in rows(flowtui)] == [b, a]


@pytest.mark.parametrize(("limit", "count"), [("0", 0), ("1", 1), ("13", 13), ("14", 14), ("500", 14)])
def test_limit_is_the_number_of_runs_and_not_the_page_size(limit, count, flowtui, simulator, threads):
    simulator.add_fault("cap-limit:5")
    assert flowtui("runs", threads[0], "--limit", limit) == 0
    assert [row["id"] for row in rows(flowtui)] == simulator.run_ids(threads[0])[:count]


def test_the_default_limit_is_20(flowtui, simulator, threads):
    flowtui("runs", threads[0])
    assert dict(q.split("=") for q in simulator.requests[-2][2].split("&"))["limit"] == "20"


def test_limit_0_reports_an_unknown_thread(flowtui):
    assert flowtui("runs", "nope", "--limit", "0") == 3
    assert "404" in flowtui.err


def test_order_and_offset_are_passed_to_the_api(flowtui, simulator, threads):
    newest_first = simulator.run_ids(threads[0])
    flowtui("runs", threads[0], "--order", "asc", "--limit", "3")
    assert [row["id"] for row in rows(flowtui)] == newest_first[::-1][:3]
    flowtui("runs", threads[0], "--offset", "2", "--limit", "3")
    assert [row["id"] for row in rows(flowtui)] == newest_first[2:5]
    flowtui("runs", threads[0], "--offset", "3", "--all", "--order", "asc")
    assert [row["id"] for row in rows(flowtui)] == newest_first[::-1][3:]


def test_all_and_limit_exclude_each_other(flowtui):
    assert flowtui("runs", "--all", "--limit", "3") == 2
    assert flowtui.out == ""


def test_sorted_rows_have_the_chosen_columns_and_unknown_values_last(flowtui, threads):
    assert flowtui("runs", *threads, "--sort", "tokens", "--columns", "run,tokens", "-o", "csv") == 0
    table = list(csv.reader(io.StringIO(flowtui.out)))
    assert table[0] == ["run", "tokens"]
    tokens = [int(cell) for _, cell in table[1:] if cell]
    assert tokens == sorted(tokens)
    assert [cell for _, cell in table[1:]][len(tokens) :] == [""] * (len(table) - 1 - len(tokens))


def test_desc_puts_the_largest_value_and_the_newest_run_first(flowtui, threads):
    def column(name, order):
        assert flowtui("runs", *threads, "--all", "--sort", order, "--columns", name, "-o", "csv") == 0
        cells = [cell for (cell,) in list(csv.reader(io.StringIO(flowtui.out)))[1:] if cell]
        assert len(cells) > 3
        return cells

    tokens = [int(cell) for cell in column("tokens", "tokens:desc")]
    assert tokens == sorted(tokens, reverse=True)
    assert [int(cell) for cell in column("tokens", "Tokens:ASC")] == tokens[::-1]
    created = column("created", "age:desc")
    assert created == sorted(created, reverse=True), "the newest run should be first"
    assert column("created", "age") == column("created", "created:desc") == created
    assert column("created", "age:asc") == created[::-1]
    assert column("agent", "agent:desc") == column("agent", "agent")[::-1]


def test_threads_can_be_sorted_with_a_direction(flowtui):
    def created(order):
        assert flowtui("threads", "--all", "--sort", order, "--columns", "created", "-o", "csv") == 0
        return flowtui.out.split()[1:]

    assert created("age") == created("age:desc") == created("created:desc") == created("age:asc")[::-1]
    assert len(set(created("age"))) > 1


@pytest.mark.parametrize("command", ["runs", "threads"])
def test_an_unknown_direction_is_a_usage_error_that_lists_directions(command, flowtui):
    assert flowtui(command, "--sort", "age:down") == 2
    assert flowtui.out == ""
    assert "no direction 'down'" in flowtui.err
    assert "age:desc" in flowtui.err
    assert "age:asc" in flowtui.err
    assert flowtui(command, "--sort", "tokns:desc") == 2
    assert "no column 'tokns'" in flowtui.err


@pytest.mark.parametrize("words", [["--columns", "nope"], ["--columns", ""], ["--sort", "tokns"]])
def test_an_unknown_column_is_a_usage_error_that_lists_them(words, flowtui):
    assert flowtui("runs", *words) == 2
    assert flowtui.out == ""
    assert "status, run, thread" in flowtui.err


def test_columns_with_json_print_a_note(flowtui, threads):
    assert flowtui("runs", threads[0], "--limit", "1", "--columns", "run") == 0
    assert "instructions" in rows(flowtui)[0]
    assert "--columns" in flowtui.err


def test_json_of_a_run_has_all_raw_fields_and_ours(flowtui, simulator, threads):
    simulator.add_fault("extra-fields")
    flowtui("runs", threads[0], "--all", "-o", "json")
    document = json.loads(flowtui.out)
    assert list(document) == ["v", "runs"]
    run = document["runs"][-1]
    assert {"id", "tools", "instructions", "meta_data", "usage", "truncation_strategy"} <= set(run)
    assert list(run["flowtui"]) == [
        "status_class",
        "terminal",
        "wait_s",
        "duration_s",
        "findings",
        "config",
        "unreadable",
        "agent_name",
    ]
    assert run["flowtui"]["terminal"] is True


def test_findings_are_named(flowtui, simulator, threads):
    simulator.add_fault("overdue")
    flowtui("runs", *threads, "--all")
    active = [row for row in rows(flowtui) if not row["flowtui"]["terminal"]]
    assert active
    assert all(row["flowtui"]["findings"] == ["overdue"] for row in active)


def test_a_missing_thread_hides_no_other(flowtui, simulator, threads):
    simulator.add_fault(f"not-found:{threads[2]}")
    assert flowtui("runs", *threads, "--all") == 3
    assert {row["thread_id"] for row in rows(flowtui)} == set(threads) - {threads[2]}
    assert flowtui.err.startswith(f"flowtui: {threads[2]}: ")
    assert flowtui.err.count("\n") == 1


def test_a_refused_key_is_reported_once_and_ends_all_requests(flowtui, simulator, threads):
    simulator.add_fault("unauthorized")
    before = len(simulator.requests)
    assert flowtui("runs", *[f"t{n}" for n in range(50)], "-o", "json") == 3
    assert len(simulator.requests) - before <= 6
    assert flowtui.err.count("\n") == 1
    assert json.loads(flowtui.out) == {"v": 1, "runs": []}


def test_passing_errors_are_waited_for(flowtui, simulator, threads, clock):
    simulator.add_fault("server-error:3")
    assert flowtui("runs", threads[0]) == 0
    assert flowtui.err == ""
    assert len(rows(flowtui)) == 14
    assert sum(clock.waits) <= 10


def test_a_retry_after_within_the_retry_time_is_waited_for(flowtui, simulator, threads, clock):
    simulator.add_fault("rate-limit:3*2")
    assert flowtui("runs", threads[0]) == 0
    assert clock.waits == [3.0, 3.0]


def test_a_retry_after_beyond_the_retry_time_ends_the_retries(flowtui, simulator, threads, clock):
    simulator.add_fault("rate-limit:60")
    assert flowtui("runs", threads[0]) == 3
    assert clock.waits == []
    assert "429" in flowtui.err


def test_retries_end_after_ten_seconds_in_all(flowtui, simulator, threads, clock):
    simulator.add_fault("bad-gateway")
    assert flowtui("runs", *threads) == 3
    assert flowtui.err.count("\n") == len(threads)
    assert clock.time <= 10.5 * len(threads)
    assert clock.waits


def test_if_agents_cannot_be_read_their_ids_are_printed(flowtui, simulator, threads):
    simulator.add_fault("bad-gateway@agents")
    assert flowtui("runs", threads[0], "-o", "csv", "--columns", "agent") == 0
    agents = {simulator.world.agent_id(agent) for agent in range(len(AGENTS))}
    assert agents.issuperset(flowtui.out.splitlines()[1:])


def test_json_names_agents_with_one_request_and_does_without_it(flowtui, simulator, threads):
    before = len(simulator.requests)
    assert flowtui("runs", *threads, "-o", "json") == 0
    assert sum("agents" in path for _, path, _ in list(simulator.requests)[before:]) == 1
    named = json.loads(flowtui.out)["runs"]
    assert {row["flowtui"]["agent_name"] for row in named} >= {"triage", "support"}
    simulator.add_fault("bad-gateway@agents")
    assert flowtui("runs", *threads, "-o", "json") == 0
    unnamed = json.loads(flowtui.out)["runs"]
    assert [row["id"] for row in unnamed] == [row["id"] for row in named]
    assert not any("agent_name" in row["flowtui"] for row in unnamed)


def test_other_formats_ask_for_agents_only_if_a_run_may_wait_for_one(flowtui, simulator, threads):
    seen = set()
    for thread in threads:
        before = len(simulator.requests)
        flowtui("runs", thread, "-o", "csv", "--columns", "run,status")
        queued = "queued" in flowtui.out
        asked = sum("agents" in path for _, path, _ in list(simulator.requests)[before:])
        assert asked == queued
        seen.add(queued)
    assert seen == {False, True}


def test_one_shot_commands_keep_the_request_budget(flowtui, threads, clock):
    assert flowtui("runs", *threads, "--budget", "2/min") == 0
    assert sum(clock.waits) >= 60


def test_the_exit_code_is_3_if_the_server_does_not_answer(flowtui, capsys):
    assert flowtui("runs", "a", "b", SEEKR_BASE_URL="http://127.0.0.1:9") == 3
    assert flowtui.out == ""
    assert flowtui.err.count("\n") == 2


def test_an_id_that_looks_like_a_path_stays_one_segment(flowtui, simulator):
    assert flowtui("runs", "../../admin") == 3
    asked = [path for _, path, _ in list(simulator.requests)[-2:]]
    assert asked == ["/v1/threads/..%2F..%2Fadmin/runs", "/v1/threads/..%2F..%2Fadmin/runs/"]


@pytest.mark.parametrize("word", ["", ".", "..", "x" * 2000, "a\udcff"])
def test_ids_that_no_path_can_hold_are_usage_errors(word, flowtui, simulator):
    before = len(simulator.requests)
    assert flowtui("runs", word) == 2
    assert flowtui.out == ""
    assert len(simulator.requests) == before


def test_the_exit_code_is_3_for_an_unknown_run(flowtui, threads):
    assert flowtui("run", "nope", "-t", threads[0]) == 3
    assert flowtui.out == ""
    assert flowtui.err.startswith("flowtui: nope: ")


def test_a_summary_is_for_people_at_a_terminal(flowtui, threads, monkeypatch):
    flowtui("runs", threads[0], "-o", "table")
    assert flowtui.err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    flowtui("runs", threads[0], threads[1], "-o", "table")
    assert flowtui.err == "27 runs on 2 threads, 24 of 27 reported tokens\n"


def test_colour_is_for_terminals_that_want_it(flowtui, threads, monkeypatch):
    flowtui("runs", threads[0], "-o", "table")
    assert "\x1b" not in flowtui.out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    flowtui("runs", threads[0])
    assert "\x1b[" in flowtui.out
    for more in ({"NO_COLOR": "1"}, {}):
        flowtui("runs", threads[0], *([] if more else ["--no-color"]), **more)
        assert "\x1b" not in flowtui.out
    flowtui("runs", threads[0], NO_COLOR="")
    assert "\x1b[" in flowtui.out


def test_a_filter_chooses_among_the_runs_that_were_read(flowtui, simulator):
    assert flowtui("runs", "--all", "--filter", "status:failed") == 0
    every = rows(flowtui)
    assert every
    assert {row["flowtui"]["status_class"] for row in every} == {"failed"}
    assert flowtui.err == ""
    assert flowtui("runs", "--all", "--filter", "not status:failed") == 0
    assert len(rows(flowtui)) + len(every) == sum(
        len(simulator.run_ids(thread)) for thread in simulator.thread_ids()
    )


def test_a_filter_knows_agents_by_their_names_in_every_format(flowtui):
    for output in ("jsonl", "table"):
        assert flowtui("runs", "--filter", "agent:triage", "-o", output, "--limit", "100") == 0
        assert flowtui.out.count("\n") > 2


def test_a_note_is_printed_if_a_filter_saw_only_a_part_of_the_runs(flowtui, threads):
    assert flowtui("runs", threads[0], "--limit", "2", "--filter", "status:nothing") == 0
    assert (flowtui.out, flowtui.err) == (
        "",
        "flowtui: --filter chose among the newest 2 runs of a thread; --all: among all\n",
    )


@pytest.mark.parametrize("words", [["runs"], ["watch"], ["watch", "--for"]])
def test_a_caret_points_at_a_syntax_error_in_a_filter(words, flowtui, simulator):
    before = len(simulator.requests)
    option = words[-1] if words[-1].startswith("--") else "--filter"
    words = words if option == "--for" else [*words, "--filter"]
    assert flowtui(*words, "漢 tokens>many") == 2
    assert flowtui.out == ""
    first, shown, caret = flowtui.err.splitlines()
    assert first.startswith(f"flowtui: error: {option}: ")
    assert (shown, caret) == ("  漢 tokens>many", "            ^")
    assert flowtui(*words, " ") == 2
    assert len(simulator.requests) == before
