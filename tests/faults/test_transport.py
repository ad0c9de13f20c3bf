"""Answers that are wrong, late, short, endless or missing: P34 to P42 and P44 to P47, as a user sees them."""

from __future__ import annotations

import gzip
import re
import socket
import sys
from typing import NamedTuple

import pytest

from .. import processes
from ..clocks import WaitingClock
from ..terminal import Terminal, environment
from .conftest import KEY, NOW, Outcome
from .raw_server import World, answer, cuts, in_background, says, says_and_hangs_up


@pytest.fixture
def threads(simulator):
    return simulator.thread_ids()


@pytest.fixture
def quick(tmp_path):
    """An environment with a request_timeout of 0.1 s."""
    config = tmp_path / "quick.toml"
    config.write_text('request_timeout = "0.1s"\n')
    config.chmod(0o600)
    return {"FLOWTUI_CONFIG": str(config)}


def watch(flowtui, *words, **environ) -> Outcome:
    """Run `watch` in simulated time, in which answers take no time."""
    quick = ("-o", "jsonl", "--interval", "0.5s", "--give-up-after", "0.6s")
    return flowtui("watch", *words, *quick, clock=WaitingClock(NOW), **environ)


def ended_run(flowtui, thread) -> tuple[str, ...]:
    """The arguments that select one completed run of a thread."""
    run = next(run["id"] for run in flowtui("runs", thread).runs if run["status"] == "completed")
    return thread, "--run", run


def troubles(said: Outcome) -> list[str]:
    """The events of `watch` about failed requests, in order."""
    return [line["event"] for line in said.lines if line["event"].startswith("poll.")]


# -- P34


def test_p34_a_redirect_is_not_followed_and_the_key_is_not_sent_elsewhere(
    flowtui, simulator, threads, simulate
):
    """A 302 to another server: an error that names its host, no request to it, exit code 3 at once."""
    other = simulate()
    simulator.add_fault(f"redirect:{other.url}/v1/threads?steal=1")
    before = len(simulator.requests)
    said = flowtui("runs", threads[0])
    assert (said.code, said.out) == (3, "")
    for word in (
        threads[0],
        "302 Found, a redirect to 127.0.0.1, which was not followed",
        "Check the base URL",
    ):
        assert word in said.err
    assert "steal" not in said.err
    seen = watch(flowtui, threads[0])
    assert (seen.code, seen.summary["exit"]) == (3, 3)
    assert "302" in seen.summary["reason"]
    assert len(simulator.requests) - before <= 5
    assert not other.requests


SLASHES = (
    "slash-only",
    "slash-only:405",
    "bare-only",
    "to-slash",
    "to-slash:301",
    "to-bare:302",
    "to-slash-relative:308",
    "to-slash-https",
)


@pytest.mark.parametrize("fault", SLASHES)
def test_p34_a_slash_at_the_end_of_a_path_stops_no_command(flowtui, simulator, threads, fault):
    """A server that knows each path only with, or only without, a slash at its end, or redirects from one to the other: every command answers as without the fault."""
    (run,) = [line["id"] for line in flowtui("runs", threads[0], "--limit", "1").runs]
    commands = [
        ("runs", threads[0]),
        ("threads",),
        ("run", run, "-t", threads[0]),
        ("watch", threads[0], "--once"),
    ]
    if fault in ("slash-only", "to-slash"):
        commands = [("runs",), *commands]
    else:
        commands = commands[:1]
    for words in commands:
        without = flowtui(*words)
        simulator.add_fault(fault)
        said = flowtui(*words)
        simulator.clear_faults()
        assert (said.code, said.out) == (without.code, without.out), words
        assert not said.err
    simulator.add_fault(fault)
    before = len(simulator.requests)
    assert flowtui("doctor").code == 0
    assert len(simulator.requests) - before <= 7


@pytest.mark.parametrize(
    ("fault", "target"),
    [
        ("slash-circle", "the same path without a slash at its end"),
        ("to-slash-elsewhere", "elsewhere.invalid"),
        ("to-slash-query", "the same path with another query"),
        ("to-slash-double", "another path on the same host"),
        ("to-slash-user", "an address with a user name"),
        ("to-slash:303", "the same path with a slash at its end"),
    ],
)
def test_p34_every_other_redirect_is_refused_with_its_reason(flowtui, simulator, threads, fault, target):
    """A redirect to another host, path or query, with a user name, with status 303, or in a circle: exit code 3 with the reason, after at most two requests."""
    simulator.add_fault(fault)
    before = len(simulator.requests)
    said = flowtui("runs", threads[0])
    assert (said.code, said.out) == (3, "")
    assert f"a redirect to {target}, which was not followed" in said.err
    assert len(simulator.requests) - before == (2 if fault == "slash-circle" else 1)


# -- P35 and P36

TWICE = """
import os, sys
from flowtui.cli import main

def peak():
    (line,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024

codes, peaks = [], []
for place in sys.argv[1:]:
    os.environ["SEEKR_BASE_URL"], thread = place.split()
    codes.append(main(["runs", thread, "-o", "jsonl"]))
    peaks.append(peak())
print(*codes, peaks[1] - peaks[0], file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
def test_p35_a_gzip_bomb_is_refused_within_bounded_memory(simulate, tmp_path):
    """1 MB that unpacks to 1 GiB: refused at 16 MiB with an error, and the process needs less than 64 MB more than for a good answer."""
    worlds = simulate(), simulate(faults=["gzip-bomb"])
    done = processes.run(
        [sys.executable, "-c", TWICE, *(f"{world.url} {world.thread_ids()[0]}" for world in worlds)],
        env=environment(tmp_path, SEEKR_API_KEY=KEY),
        capture_output=True,
        text=True,
        check=False,
    )
    *said, last = done.stderr.splitlines()
    good, bad, more = last.split()
    assert (good, bad) == ("0", "3")
    assert float(more) < 64
    assert "the body is larger than 16 MiB" in said[0]
    assert "max_body_mb" in said[0]
    assert len(done.stdout.splitlines()) > 0


def test_p36_a_slow_body_ends_at_the_deadline(flowtui, simulator, threads, quick):
    """Five bytes a second, so that no single read times out: each request ends at its deadline, which the error names; `watch` gives up with exit code 3."""
    simulator.add_fault("drip")
    said = flowtui("runs", threads[0], **quick)
    assert (said.code, said.out) == (3, "")
    assert f"/v1/threads/{threads[0]}/runs: no whole answer from 127.0.0.1" in said.err
    assert "within 0.1 s. Raise request_timeout" in said.err
    seen = watch(flowtui, threads[0], **quick)
    assert (seen.code, seen.summary["exit"]) == (3, 3)
    assert "no whole answer" in seen.out
    assert {line["kind"] for line in seen.lines if line["event"] == "poll.error"} == {"timeout"}


# -- P37 and P38


@pytest.fixture
def nobody():
    """The address of a closed port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def no_names(monkeypatch):
    """A network in which each name lookup fails."""

    def unknown(*_words, **_named):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


@pytest.mark.parametrize(
    ("url", "what", "cure"),
    [
        (
            "nobody",
            "refuses connections",
            "Check the base URL; a simulator is started with `flowtui simulate`",
        ),
        ("https://flow.invalid", "there is no host flow.invalid", "Check the base URL"),
    ],
)
def test_p37_a_closed_port_and_an_unknown_host_are_named(url, what, cure, flowtui, request):
    """A closed port, and a host that does not exist: the error names each with its cure, `watch` gives up after `--give-up-after`, exit code 3."""
    where = request.getfixturevalue("nobody") if url == "nobody" else url
    if url != "nobody":
        request.getfixturevalue("no_names")
    said = flowtui("runs", "thr_1", SEEKR_BASE_URL=where)
    assert (said.code, said.out) == (3, "")
    assert what in said.err
    assert cure in said.err
    seen = watch(flowtui, "thr_1", SEEKR_BASE_URL=where)
    assert (seen.code, seen.summary["exit"]) == (3, 3)
    assert what in seen.summary["reason"]
    assert 1 <= len(troubles(seen)) < 10
    doctor = flowtui("doctor", SEEKR_BASE_URL=where)
    assert doctor.code == 3
    assert what in doctor.out


def test_p38_half_a_body_is_an_error_for_its_thread_only(flowtui, simulator, threads):
    """Half of the body that Content-Length announces, then the connection closes: no part of a run is shown, the other
    threads are, exit code 3; `watch` continues after one such answer.
    """
    simulator.add_fault("short-body*1")
    assert flowtui("runs", threads[0]).code == 0, "it is asked for again"
    simulator.add_fault("short-body")
    said = flowtui("runs", threads[0])
    assert (said.code, said.out) == (3, "")
    assert "the answer of 127.0.0.1" in said.err
    assert "broke off" in said.err
    assert "Try again" in said.err
    simulator.clear_faults()
    words = ended_run(flowtui, threads[0])
    simulator.add_fault("short-body*1")
    ended = watch(flowtui, *words)
    assert (ended.code, ended.summary["exit"]) == (0, 0)
    assert troubles(ended) == ["poll.error", "poll.recovered"]


# -- P39 and P40


def test_p39_a_refused_key_is_reported_once_and_not_retried(flowtui, simulator, threads):
    """401: the error names the ways to give a key and not the key, `runs` sends at most one request for each of five threads, `watch` ends with 3 at once."""
    simulator.add_fault("unauthorized")
    for words in (["runs", threads[0]], ["runs"], ["threads"], ["run", "run_1", "-t", threads[0]]):
        before = len(simulator.requests)
        said = flowtui(*words)
        assert (said.code, said.out) == (3, "")
        assert len(simulator.requests) - before == 1
        for word in ("401 Unauthorized", "SEEKR_API_KEY"):
            assert word in said.err
        assert "auth_scheme" not in said.err
    before = len(simulator.requests)
    seen = watch(flowtui)
    assert (seen.code, seen.summary["exit"]) == (3, 3)
    assert "401" in seen.summary["reason"]
    assert len(simulator.requests) - before <= 4


def test_p40_one_missing_thread_of_five_hides_no_other(flowtui, simulator, threads):
    """404 for one thread of five: the runs of the other four are printed, the error names the missing one, exit code 3.

    `watch` does the same when it ends.
    """
    simulator.add_fault(f"not-found:{threads[2]}")
    said = flowtui("runs", *threads)
    assert said.code == 3
    assert {run["thread_id"] for run in said.runs} == {*threads} - {threads[2]}
    assert said.err.count("\n") == 1
    assert f"/v1/threads/{threads[2]}/runs: 404 Not Found" in said.err
    assert "Check the id" in said.err
    before = len(simulator.requests)
    seen = watch(flowtui, *threads, "--once")
    assert seen.code in {1, 3}
    assert threads[2] in seen.out
    asked = [path for _, path, _ in list(simulator.requests)[before:] if threads[2] in path]
    assert len(asked) <= 2, "once more at most, when the list says that it is locked"


# -- P41 and P42


@pytest.mark.parametrize("fault", ["rate-limit:7", "rate-limit-date:7"])
def test_p41_429_waits_for_retry_after(fault, flowtui, simulator, threads):
    """429 with Retry-After in seconds and as a date: the next request comes after that time and not before, and succeeds; a time longer than the retry limit ends with 3."""
    clock = WaitingClock(NOW)
    simulator.add_fault(f"{fault}*1")
    said = flowtui("runs", threads[0], clock=clock)
    assert (said.code, said.err) == (0, "")
    assert clock.elapsed == pytest.approx(7, abs=0.01)
    simulator.clear_faults()
    simulator.add_fault(f"{fault.partition(':')[0]}:90")
    before = len(simulator.requests)
    said = flowtui("runs", threads[0])
    assert (said.code, said.out) == (3, "")
    assert "429 Too Many Requests" in said.err
    assert "wait 1m 30s, and lower budget or raise interval" in said.err
    assert len(simulator.requests) == before + 1
    seen = watch(flowtui, threads[0])
    assert (seen.code, seen.summary["exit"]) == (3, 3)
    assert "429" in seen.summary["reason"]


def test_p42_500_is_retried(flowtui, simulator, threads):
    """500 twice and then an answer: `runs` prints it with exit code 0 and an empty stderr, `watch` reports the error and the recovery."""
    simulator.add_fault("server-error:2")
    said = flowtui("runs", threads[0])
    assert (said.code, said.err) == (0, "")
    assert len(said.runs) == len(simulator.run_ids(threads[0])[:20])
    simulator.clear_faults()
    words = ended_run(flowtui, threads[0])
    simulator.add_fault("server-error:1")
    ended = watch(flowtui, *words)
    assert (ended.code, ended.summary["exit"]) == (0, 0)
    assert troubles(ended) == ["poll.error", "poll.recovered"]
    simulator.clear_faults()
    simulator.add_fault("server-error:99")
    said = flowtui("runs", threads[0])
    assert (said.code, said.out) == (3, "")
    assert "500 Internal Server Error" in said.err
    assert "The server's own trouble: try again later" in said.err


# -- P44

ADMIN = "../../admin"


def test_p44_an_id_is_always_one_segment_of_the_path(flowtui, simulator, threads):
    """`../../admin` as an argument and as an id from the server: one percent-encoded segment, each request stays under /v1/threads/; `..` is refused with 2."""
    before = len(simulator.requests)
    said = flowtui("runs", ADMIN)
    assert said.code == 3
    assert "404" in said.err
    assert flowtui("run", ADMIN, "-t", ADMIN).code == 3
    watch(flowtui, ADMIN)
    simulator.add_fault(f"thread-id:{ADMIN}")
    said = flowtui("runs")
    assert said.code == 3
    assert flowtui("threads").code == 0
    asked = [path.removesuffix("/") for _, path, _ in list(simulator.requests)[before:]]
    assert any("..%2F..%2Fadmin" in path for path in asked)
    assert {path for path in asked if ".." in path} <= {
        "/v1/threads/..%2F..%2Fadmin",
        "/v1/threads/..%2F..%2Fadmin/runs",
        "/v1/threads/..%2F..%2Fadmin/runs/..%2F..%2Fadmin",
        "/v1/threads/..%2F..%2Fadmin/messages",
    }
    assert not any(path.startswith(("/admin", "/v1/admin")) for path in asked)
    before = len(simulator.requests)
    for word in ("..", "."):
        said = flowtui("runs", word)
        assert (said.code, said.out) == (2, "")
        assert "is no id" in said.err
    assert len(simulator.requests) == before


# -- P45 to P47: refused before any request, and secrets are not shown

COMMANDS = (["runs"], ["threads"], ["watch"], ["run", "run_1", "-t", "thr_1"], ["doctor"])


def refused(flowtui, *words, **environ):
    """Run each command with these arguments; return its output on both streams."""
    said = []
    for command in COMMANDS:
        done = flowtui(*command, *words, **environ)
        assert done.code == 2, (command, done)
        assert done.out == "" or command == ["doctor"]
        said.append(done.out + done.err)
    return said


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY}\r\nX-Evil: 1", f"{KEY}\nhunter2", f"\n{KEY}"])
def test_p45_a_key_with_a_line_break_is_refused_and_never_printed(key, flowtui, simulator, tmp_path):
    """A line break in the key from the environment, a key file or a command: exit code 2, the error names the source and not the key, no request is sent."""
    before = len(simulator.requests)
    for said in refused(flowtui, SEEKR_API_KEY=key):
        assert "The API key from environment variable SEEKR_API_KEY holds a line break" in said
        assert "one line" in said
        assert "hunter2" not in said
    file = tmp_path / "key"
    file.write_text(f"{key}\n")
    file.chmod(0o600)
    config = tmp_path / "config.toml"
    config.write_text(f'api_key_file = "{file}"\n')
    said = flowtui("runs", SEEKR_API_KEY="", FLOWTUI_CONFIG=str(config))
    assert said.code == 2
    assert "hunter2" not in said.err
    assert len(simulator.requests) == before


@pytest.mark.parametrize(
    "url", ["http://flow.example", "HTTP://flow.example:8080/x", "http://10.0.0.1", "http://[2001:db8::1]/v1"]
)
def test_p46_plain_http_is_allowed_on_loopback_only(url, flowtui, simulator, monkeypatch):
    """A base URL with http: beyond loopback: exit code 2, the error names the reason and --allow-http, no request is sent; on loopback it works."""
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *words, **_named: asked.append(words))
    for environ, words in (({"SEEKR_BASE_URL": url}, ()), ({}, ("--base-url", url))):
        for said in refused(flowtui, *words, **environ):
            assert "would send the key in plain text" in said
            assert "--allow-http" in said
    assert asked == []
    monkeypatch.undo()
    assert flowtui("threads", SEEKR_BASE_URL=simulator.url).code == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@flow.example",
        "https://hunter2@flow.example",
        "http://user:hunter2@127.0.0.1:1",
        "https://user:hunter2@flow.example/v1?x#y",
        "https://:hunter2@[::1]:1",
    ],
)
def test_p47_a_base_url_with_a_password_is_refused(url, flowtui, tmp_path):
    """`user:pw@` in the base URL, from any source: exit code 2, the error names the setting and neither user nor password."""
    config = tmp_path / "config.toml"
    config.write_text(f'base_url = "{url}"\n')
    config.chmod(0o600)
    for words, environ in (
        ((), {"SEEKR_BASE_URL": url}),
        (("--base-url", url), {}),
        ((), {"SEEKR_BASE_URL": "", "FLOWTUI_CONFIG": str(config)}),
    ):
        for said in refused(flowtui, *words, **environ):
            assert "user name or password: take it out" in said
            assert "hunter2" not in said
    assert "hunter2" not in "".join(flowtui("config", "show", SEEKR_BASE_URL=url)[1:])


# -- the dashboard: each thread has its own error, then the server stops, starts again, and refuses the key


THREADS = {
    "redirect": says(answer(b"", status="302 Found", Location="https://evil.example/steal")),
    "bomb": says(answer(gzip.compress(bytes(20 * 2**20)), Content_Encoding="gzip")),
    "short": says_and_hangs_up(answer(b'[{"id":', length=999)),
    "gone": says(answer(b'{"detail": "no such thread"}', status="404 Not Found")),
    "limited": says(answer(b"", status="429 Too Many Requests", Retry_After="1")),
    "reset": cuts,
    "fine": 7,
}
"""Thread -> its number of runs, or the error that it answers with. Threads with an error come first in the list."""

SAYS = {
    "redirect": "302 Found, a redirect to evil.example, which was not followed. Check the base URL",
    "bomb": "the body is larger than 16 MiB. Ask for fewer runs a page, or raise max_body_mb",
    "short": "broke off or is no HTTP: peer closed connection",
    "gone": "404 Not Found, the server says: no such thread. Check the id and the base URL",
    "limited": "429 Too Many Requests. Too many requests: wait 1s, and lower budget or raise interval",
    "reset": "broke off or is no HTTP: Server disconnected without sending a response. Try again; if it stays",
}


class Walk(NamedTuple):
    """The screens of a dashboard: for each thread with an error, with the server down, up again, and refusing the key."""

    threads: dict[str, str]
    down: str
    up: str
    refused: str
    requests_when_refused: int


def plain(screen: Terminal) -> str:
    """The text of the table and of the pane below it in one line, without frames."""
    lines = screen.text.splitlines()
    left = next(line.index("╭─ Runs") for line in lines if "╭─ Runs" in line)
    inside = (line[left:].strip("│ ") for line in lines)
    return " ".join(" ".join(inside).split())


def tick(screen: Terminal) -> None:
    """Wait until the clock in the header shows another second."""
    clock = screen.text.split("\n", 1)[0].split()[-1]
    screen.until(lambda: screen.text.split("\n", 1)[0].split()[-1] != clock)


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """One dashboard: six of seven threads have errors, then the server stops, starts again, and refuses the key."""
    world = World(**THREADS)
    home = tmp_path_factory.mktemp("home")
    with in_background(world) as server:
        words = ("-m", "flowtui", "--interval", "0.5s", "--tz", "utc", "--base-url", server.url)
        screen = Terminal(words, environment(home, SEEKR_API_KEY=KEY), columns=150)
        try:
            screen.until(screen.sees("run_fine_6", *THREADS))
            screen.press("\t", then=screen.sees("space fold"))
            screen.press("\t", then=screen.sees("enter runs"))
            threads = {}
            for name in THREADS:
                screen.press("j", then=screen.sees(f"Runs · {name} "))
                if name in SAYS:
                    screen.until(lambda name=name: SAYS[name] in plain(screen))
                    threads[name] = plain(screen)
            screen.press("0", then=screen.sees("run_fine_6"))
            world.all = cuts
            screen.press("R")
            screen.until(screen.sees("server down"))
            screen.until(screen.sees("next try in"))
            down = screen.text
            world.all = None
            screen.press("R", then=screen.misses("server down"))
            up = screen.text
            world.all = says(answer(b'{"detail": "no"}', status="401 Unauthorized"))
            screen.press("R", then=screen.sees("refused"))
            tick(screen)  # all sent requests are answered by now
            asked = len(server.requests)
            tick(screen)
            tick(screen)
            return Walk(threads, down, up, screen.text, len(server.requests) - asked)
        finally:
            screen.close()
            assert KEY.encode() not in screen.raw


@pytest.mark.parametrize("thread", SAYS)
def test_the_dashboard_shows_the_error_of_each_thread_and_its_cure(thread, walk):
    assert SAYS[thread] in walk.threads[thread]


def test_with_the_server_down_the_dashboard_keeps_its_rows_and_sends_one_probe_for_all(walk):
    head, *_ = walk.down.splitlines()
    assert re.search(r"server down \d+s .*next try in \d+s", head)
    assert walk.down.count("run_fine_") >= 7
    assert re.search("refuses connections|broke off", walk.down)
    assert walk.up.count("run_fine_") >= 7


def test_the_dashboard_sends_no_request_after_the_key_is_refused(walk):
    assert walk.requests_when_refused == 0
    assert "refused" in walk.refused.splitlines()[0]
    assert walk.refused.count("run_fine_") >= 7
