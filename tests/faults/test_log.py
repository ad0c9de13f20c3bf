"""The log of a failing server, over real HTTP: it shows the cause, and neither key nor content."""

from __future__ import annotations

import json
import re
import stat
import time

import pytest

from flowtui.cli.log import end_log, start_log
from flowtui.config.settings import Settings

from .answer_server import FAILED, THREAD, AnswerServer, api_answer
from .conftest import KEY
from .test_secrets import ODD_KEY, echo_all, forms, holds

_LINE = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG  |INFO   |WARNING|ERROR  ) [a-z]+: \S.*")
DEMO = ("--seed", "3", "--threads", "4", "--runs", "30")


@pytest.fixture
def ids():
    return "short"


@pytest.fixture
def log(tmp_path):
    return tmp_path / "flowtui.log"


@pytest.fixture
def lines(log):
    """Return a function that returns the lines of the log, after a check of their format."""

    def read():
        found = log.read_text().splitlines()
        assert all(_LINE.fullmatch(line) for line in found), found
        return found

    return read


def test_every_request_is_logged(flowtui, log, lines, simulator):
    done = flowtui("runs", "-o", "jsonl", "--limit", "2", "--verbose", "--log-file", str(log))
    assert (done.code, done.err) == (0, "")
    found = lines()
    asked = [line for line in found if " GET /v1/" in line]
    assert len(asked) >= 6
    pattern = r".* 200 in \d+ ms, \d+ bytes, request [0-9a-f]{16}-SIM, attempt 1"
    assert all(re.fullmatch(pattern, line) for line in asked)
    assert "runs begins: version " in found[0]
    assert f"base_url={simulator.url} (SEEKR_BASE_URL)" in found[1]
    assert found[-1].endswith("ends with exit code 0")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "words", [("threads",), ("run", "RUN", "-t", "THREAD"), ("watch", "--once"), ("doctor",), ("marks",)]
)
def test_every_command_with_requests_logs_them(words, flowtui, log, lines, simulator):
    thread = next(each for each in simulator.thread_ids() if simulator.run_ids(each))
    meant = {"RUN": simulator.run_ids(thread)[0], "THREAD": thread}
    flowtui(*(meant.get(word, word) for word in words), "--verbose", "--log-file", str(log))
    found = lines()
    assert f"{words[0]} begins" in found[0]
    assert any(": 200 in " in line for line in found)


def test_without_verbose_only_errors_are_logged(flowtui, log, simulate):
    simulator = simulate(clock=time.time)
    words = ("runs", "-o", "jsonl", "--limit", "2", "--log-file", str(log), "--base-url", simulator.url)
    assert flowtui(*words).code == 0
    assert log.read_text() == ""
    simulator.add_fault("server-error:1")
    done = flowtui(*words)
    assert (done.code, done.err) == (0, "")
    first, second = log.read_text().splitlines()
    assert re.search(
        r"WARNING requests: GET /v1/threads/\S+: 500 server after \d+ ms, request \w+-SIM, attempt 1$", first
    )
    assert re.search(r"WARNING asking: 500 server; asking again in \d\.\d s$", second)


def test_a_watch_logs_failures_retries_limits_and_the_recovery(flowtui, log, lines, simulator):
    simulator.add_fault("server-error:9")
    simulator.add_fault("rate-limit:3@threads*1")
    flowtui("watch", "--once", "-o", "none", "--verbose", "--log-file", str(log))
    text = "\n".join(lines())
    for said in (
        r"GET /v1/threads\?\S+: 429 rate_limited after \d+ ms, request \S+, attempt 1, wait 3 s",
        r"polling: threads failed, 1 in a row \(429 rate_limited\); asked again in \d\.\d s",
        r"polling: threads answered after 1 failure$",
        r"polling: runs of thr_\w+ failed, 1 in a row \(500 server\); asked again in",
        r"the server as a whole fails, for \d+\.\d s so far \(server\): one request at a time, the next in",
        r"the server answers again: all is asked as usual",
        r"GET /v1/threads/\S+/runs\S+: 200 in .* attempt 2",
        r"polling: loading -> stale: thr_",
        r"polling: stale -> live: thr_",
        r"WARNING requests: the server's clock is \d+ s (behind|ahead of) ours",  # the simulator's clock does not move
    ):
        assert re.search(said, text, re.MULTILINE), said


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("reset", r"/runs\S+: unreachable: the answer of \S+ broke off \(RemoteProtocolError\) after"),
        ("truncated-json", r"unreadable: .*truncated JSON"),
        ("html", r"unreadable: .*an HTML page instead of JSON"),
        ("endless", r"too_large"),
        ("not-found", r"404 not_found"),
        ("unauthorized", r"401 refused"),
        ("redirect:https://evil.example/private-path", r"302 redirect"),
    ],
)
def test_each_kind_of_failure_is_named(fault, said, flowtui, log, simulator):
    simulator.add_fault(fault)
    flowtui("watch", "--once", "--give-up-after", "5s", "-o", "none", "--log-file", str(log))
    text = log.read_text()
    assert re.search(said, text), text
    assert "evil" not in text


def test_a_refused_key_ends_the_requests(flowtui, log, lines, simulator):
    simulator.add_fault("unauthorized")
    assert flowtui("watch", "-o", "none", "--log-file", str(log)).code == 3
    assert any("ERROR   polling: the server does not accept the key" in line for line in lines())


def test_a_deprecated_endpoint_is_logged_once(flowtui, log, lines):
    def answer(path, key):
        status, headers, body = api_answer(path, key)
        return (
            status,
            {"Deprecation": "@1688169599", "Sunset": "Tue, 01 Dec 2026 00:00:00 GMT", **headers},
            body,
        )

    with AnswerServer(answer) as server:
        flowtui("runs", THREAD, "-o", "jsonl", "--log-file", str(log), SEEKR_BASE_URL=server.url)
    found = [line for line in lines() if "announces" in line]
    assert len(found) == 2
    assert any("sunset: Tue, 01 Dec 2026 00:00:00 GMT" in line for line in found)


def test_no_line_has_the_key_in_any_form_or_the_content_of_runs(flowtui, log, tmp_path):
    """The server echoes the key in ids, headers and texts; the user typed it as a thread, a filter and a team."""
    answers = {}

    def answer(path, key):
        answers[path] = echo_all(path, key)
        if "/runs" in path and len(answers) % 2:
            written = " ".join(forms(key).values())
            return 500, {"cf-ray": key}, json.dumps({"detail": f"PRIVATE-detail {written}"}).encode()
        return answers[path]

    with AnswerServer(answer) as server:
        given = {"SEEKR_BASE_URL": server.url, "SEEKR_API_KEY": ODD_KEY, "SEEKR_TEAM_ID": ODD_KEY}
        for words in (
            ("runs", ODD_KEY),
            ("runs", "--filter", f"id:'{KEY}' or PRIVATE-filter", "--sort", "age"),
            ("run", FAILED, "-t", THREAD),
            ("watch", THREAD, "--once", "-o", "none"),
            ("doctor",),
        ):
            flowtui(*words, "--verbose", "--log-file", str(log), **given)
    text = log.read_text()
    assert text.count("requests: GET") > 10
    assert "500 server" in text
    assert not holds(text, ODD_KEY)
    assert "PRIVATE" not in text


def test_a_full_disk_changes_neither_output_nor_verdict(flowtui, simulator):
    done = flowtui("runs", "-o", "jsonl", "--limit", "1", "--verbose", "--log-file", "/dev/full")
    assert (done.code, done.err, len(done.runs)) == (0, "", 5)


def test_verbose_alone_logs_to_stderr_and_stdout_stays_data(flowtui, simulator):
    done = flowtui("runs", "-o", "jsonl", "--limit", "1", "--verbose")
    assert (done.code, len(done.runs)) == (0, 5)
    assert all(line.startswith("flowtui: ") for line in done.err.splitlines())
    assert "flowtui: GET /v1/threads" in done.err


@pytest.mark.parametrize("command", ["runs", "watch", "doctor"])
def test_a_log_that_cannot_be_opened_ends_the_command_before_the_first_request(command, flowtui, tmp_path):
    done = flowtui(command, "--log-file", str(tmp_path / "no" / "log"))
    assert done.code == 2
    assert "Cannot write the log file" in done.err + done.out


# -- the dashboard -----------------------------------------------------------------------------------------------------


@pytest.mark.slow  # the lines are those of `test_every_request_is_logged`
def test_the_demo_writes_its_log_while_it_shows_rows_and_q_restores_the_terminal(terminal, log, lines):
    screen = terminal("demo", *DEMO, "--fault", "server-error:2", "--verbose", "--log-file", str(log))
    screen.until(lambda: log.exists() and "500 server" in log.read_text() and "-> live" in log.read_text())
    screen.until(screen.sees("run_", "live"))
    screen.press("j", "q")
    assert screen.end() == 0
    screen.check_restored()
    assert b"Traceback" not in screen.raw
    found = lines()
    assert "demo begins" in found[0]
    assert "base_url=http://127.0.0.1:" in "\n".join(found)
    assert found[-1].endswith("it ends with exit code 0")


def test_a_dashboard_whose_log_cannot_be_opened_does_not_start(terminal, tmp_path):
    screen = terminal("demo", "--log-file", str(tmp_path / "no" / "log"))
    screen.until(lambda: screen.process.poll() is not None)
    assert screen.process.returncode == 2
    assert b"Cannot write the log file" in screen.raw
    assert b"\x1b[?1049h" not in screen.raw


def test_verbose_needs_a_log_file_while_the_screen_is_drawn(capsys):
    start_log(Settings(verbose=True), "demo", on_stderr=False)
    end_log(0)
    (line,) = capsys.readouterr().err.splitlines()
    assert "add --log-file F" in line


@pytest.mark.slow  # the test above sees the line
def test_verbose_of_a_dashboard_needs_a_log_file(terminal):
    screen = terminal("demo", *DEMO, "--verbose")
    screen.until(lambda: b"\x1b[?1049h" in screen.raw)
    assert b"add --log-file F" in screen.raw.partition(b"\x1b[?1049h")[0]
    screen.press("q")
    assert screen.end() == 0
