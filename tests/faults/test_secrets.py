"""The API key is in no output, no file and no other program; files are private; a crash report has no data."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shlex
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from flowtui.config.files.private_files import make_folder

from .. import processes
from ..terminal import Terminal, environment
from .answer_server import FAILED, THREAD, Answer, AnswerServer, api_answer
from .conftest import KEY

ODD_KEY = 'sk-7Qz"w+/x%y=&<4Vb9'
"""A key whose encoded forms all differ."""


def forms(key: str) -> dict[str, str]:
    """Encodings in which a server may echo the key."""
    raw = key.encode()
    return {
        "bare": key,
        "behind a word": f"Bearer {key}",
        "percent-encoded": quote(key, safe=""),
        "percent-encoded whole": "".join(f"%{byte:02x}" for byte in raw),
        "as HTML": html.escape(key),
        "as HTML numbers": "".join(f"&#{byte};" for byte in raw),
        "as JSON": json.dumps(key),
        "as JSON escapes": "".join(f"\\u{byte:04X}" for byte in raw),
        "as Python": repr(key),
        "base64": base64.b64encode(raw).decode(),
        "base64 of a login": base64.b64encode(b"u:" + raw).decode(),
        "base64 of a header": base64.b64encode(b"Bearer " + raw + b"\n").decode(),
        "for URLs": base64.urlsafe_b64encode(b"x" + raw).decode(),
        "hexadecimal": raw.hex(),
        "over two lines": f"{key[:7]}\n    {key[7:]}",
        "over two lines of JSON": f"{key[:9]}\\n{key[9:]}",
    }


def holds(text: str, key: str) -> bool:
    """Return whether a text has the key in one of the encodings of `forms`, or a part of the key."""
    pieces = (key[1:-1], key[: len(key) // 2], key[len(key) // 2 :])
    plain = re.sub(r"[\s\\]", "", text)
    ends = (
        form[3:-4] for form in forms(key).values()
    )  # the first and last characters in base64 also encode the neighbours of the key
    return any(piece in text or piece in plain for piece in pieces) or any(end in text for end in ends)


# -- P53 -----------------------------------------------------------------------------------------------------------


def in_config(home: Path) -> Path:
    path = home / "config.toml"
    path.write_text(f'api_key = "{KEY}"\n')
    return path


def in_profile(home: Path) -> Path:
    path = home / "config.toml"
    path.write_text(f'[profiles.other]\napi_key = "{KEY}"\n')
    return path


def behind_link(home: Path) -> Path:
    in_config(home).rename(home / "it is 'elsewhere'.toml")
    (home / "config.toml").symlink_to("it is 'elsewhere'.toml")
    return home / "it is 'elsewhere'.toml"


def in_key_file(home: Path) -> Path:
    (home / "config.toml").write_text('api_key_file = "key"\n')
    (home / "key").write_text(f"{KEY}\n")
    return home / "key"


@pytest.mark.parametrize(
    ("place", "mode"),
    [
        *((in_config, mode) for mode in (0o640, 0o604, 0o660, 0o602)),
        (in_profile, 0o604),
        (behind_link, 0o640),
        (in_key_file, 0o604),
        (in_key_file, 0o660),
    ],
)
def test_p53_a_key_that_others_can_read_is_refused(place, mode, flowtui, tmp_path):
    """A config file with a key, or its key file, with any permission for group or others, also behind a link: exit 2, with the command that corrects it."""
    path = place(tmp_path)
    path.chmod(mode)
    words = ("runs", "--config", str(tmp_path / "config.toml"), "-o", "jsonl")
    done = flowtui(*words, SEEKR_API_KEY="")
    assert (done.code, done.out) == (2, "")
    assert "by others" in done.err
    cure = re.search(r"Run `(chmod 600 [^`]*)`", done.err)
    assert cure is not None
    *command, named = shlex.split(cure[1])
    processes.run([*command, named], check=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = flowtui(*words, SEEKR_API_KEY=KEY if place is in_profile else "")
    assert (again.code, len(again.runs)) == (0, 60)


@pytest.mark.parametrize("place", [in_config, behind_link, in_key_file])
def test_a_key_file_that_others_can_replace_is_refused(place, flowtui, tmp_path):
    home = tmp_path / "open"
    home.mkdir()
    place(home).chmod(0o600)
    (home / "config.toml").chmod(0o600)
    home.chmod(0o777)
    words = ("runs", "--config", str(home / "config.toml"))
    done = flowtui(*words, SEEKR_API_KEY="")
    assert (done.code, done.out) == (2, "")
    cure = re.search(r"Run `(chmod go-w [^`]*)`", done.err)
    assert cure is not None
    processes.run(shlex.split(cure[1]), check=True)
    assert flowtui(*words, SEEKR_API_KEY="").code == 0


# -- keys echoed by a server -----------------------------------------------------------------------------------------


def echo(form: str, place: str) -> AnswerServer:
    """Return a server that echoes the key in one form, at one place of its answers."""

    def answer(path: str, key: str) -> Answer:
        written = forms(key)[form]
        line = " ".join(written.split())
        if place == "error":
            return 500, {"cf-ray": line}, {"detail": f"bad key {written} sent"}
        if place == "page":
            return 200, {"Content-Type": "text/html"}, f"<html>{written}</html>".encode()
        return 302, {"Location": f"/login?key={line}", "cf-ray": line}, b""

    return AnswerServer(answer)


def echo_all(path: str, key: str) -> Answer:
    """Echo the key within a good answer, in each form."""
    status, headers, body = api_answer(path, key)
    written = [
        text if form == "as JSON escapes" else json.dumps(text)[1:-1]
        for form, text in forms(key).items()
        if not form.startswith("over two lines")
    ]
    text = json.dumps(body).replace("PRIVATE-instructions", " ".join(written)).replace("llama-3", written[0])
    return status, {"cf-ray": key, **headers}, text.encode()


ODD_PLACES = [
    *(("error", form) for form in forms(ODD_KEY)),
    *(
        (place, form)
        for place in ("page", "redirect")
        for form in ("bare", "percent-encoded", "base64 of a header")
    ),
]


@pytest.mark.parametrize(("place", "form"), ODD_PLACES)
def test_a_key_echoed_in_an_error_is_not_shown(place, form, flowtui, tmp_path):
    log = tmp_path / "log"
    with echo(form, place) as server:
        given = {"SEEKR_BASE_URL": server.url, "SEEKR_API_KEY": ODD_KEY}
        watch = ("watch", THREAD, "--once", "--give-up-after", "5s", "-o", "jsonl")
        for words in (("run", FAILED, "-t", THREAD), watch):
            done = flowtui(*words, "--verbose", "--log-file", str(log), **given)
            assert done.code == 3
            assert not holds(done.out + done.err, ODD_KEY)
    assert not holds(log.read_text(), ODD_KEY)


@pytest.mark.parametrize("output", ["json", "table", "markdown"])
def test_a_key_echoed_in_a_good_answer_is_not_shown(output, flowtui):
    with AnswerServer(echo_all) as server:
        given = {"SEEKR_BASE_URL": server.url, "SEEKR_API_KEY": ODD_KEY}
        done = flowtui("run", FAILED, "-t", THREAD, "-o", output, **given)
        assert done.code == 0
        assert done.out.replace("\\", "").count("***") >= len(forms(ODD_KEY)) - 2
        assert not holds(done.out + done.err, ODD_KEY)


# -- sources of a key -----------------------------------------------------------------------------------------


def from_variable(home: Path) -> dict[str, str]:
    return {"SEEKR_API_KEY": ODD_KEY}


def from_named_variable(home: Path) -> dict[str, str]:
    (home / "config.toml").write_text('api_key_env = "OTHER_KEY"\n')
    return {"OTHER_KEY": ODD_KEY}


def from_command(home: Path) -> dict[str, str]:
    (home / "key").write_text(ODD_KEY)
    (home / "config.toml").write_text(f'api_key_command = "cat {home}/key"\n')
    return {}


def from_file(home: Path) -> dict[str, str]:
    (home / "key").write_text(ODD_KEY)
    (home / "key").chmod(0o600)
    (home / "config.toml").write_text('api_key_file = "key"\n')
    return {}


def from_config(home: Path) -> dict[str, str]:
    (home / "config.toml").write_text(f"api_key = '{ODD_KEY}'\n")
    return {}


SOURCES = [from_variable, from_named_variable, from_command, from_file, from_config]
COMMANDS = [
    ("config", "show"),
    ("config", "show", "-o", "json"),
    ("doctor",),
    ("runs", "-o", "jsonl", "--limit", "1"),
    ("watch", "--once", "-o", "jsonl"),
    ("nope", "dash", "--such"),
]


@pytest.mark.parametrize("source", SOURCES)
def test_no_command_and_no_log_shows_the_key_from_any_source(source, flowtui, tmp_path, simulator):
    given = source(tmp_path)
    if (tmp_path / "config.toml").exists():
        (tmp_path / "config.toml").chmod(0o600)
        given["FLOWTUI_CONFIG"] = str(tmp_path / "config.toml")
    log = tmp_path / "log"
    for words in COMMANDS:
        done = flowtui(*words, "--verbose", "--log-file", str(log), **{"SEEKR_API_KEY": "", **given})
        assert not holds(done.out + done.err, ODD_KEY), words
        if words[0] == "runs":
            assert (done.code, len(done.runs)) == (0, 5)
    assert not holds(log.read_text(), ODD_KEY)


@pytest.mark.parametrize("words", [("--api-key", KEY), (f"--api-key={KEY}",), ("--api-key-env", f"x {KEY}")])
def test_a_key_as_an_argument_is_refused_and_not_shown(words, flowtui):
    done = flowtui("runs", *words)  # the fixture checks for the key
    assert (done.code, done.out) == (2, "")


# -- crashes -----------------------------------------------------------------------------------------------------------


def failing(*_arguments, **_named):
    local = f"holds {KEY}"
    raise LookupError(local)


def report_of(err: str) -> Path:
    (line,) = err.splitlines()
    found = re.search(r"crashed\. The report, without your data: (/\S+crash-\S+\.txt)$", line)
    assert found is not None, line
    return Path(found[1])


def check_report(path: Path) -> None:
    text = path.read_text()
    assert "LookupError" in text
    assert "in failing" in text
    assert "holds" not in text
    assert KEY not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("words", [("runs",), ("threads",), ("run", FAILED, "-t", THREAD), ("doctor",)])
def test_a_crash_of_a_command_is_one_line_with_the_path_of_a_report(words, flowtui, monkeypatch):
    monkeypatch.setattr("flowtui.source.http.client.Client.__aenter__", failing)
    done = flowtui(*words)
    assert (done.code, done.out) == (1, "")
    check_report(report_of(done.err))


def test_a_crash_of_a_watch_writes_a_report_and_exits_with_could_not_answer(flowtui, monkeypatch):
    monkeypatch.setattr("flowtui.watch.runner.Watch._step", failing)
    done = flowtui("watch", THREAD, "-o", "jsonl")
    assert (done.code, done.summary["exit"]) == (3, 3)
    assert "LookupError" in done.summary["reason"]
    check_report(report_of(done.err))


def test_a_crash_before_a_watch_begins_is_not_a_failed_run(flowtui, monkeypatch):
    monkeypatch.setattr("flowtui.source.poll.poller.Poller.__init__", failing)
    done = flowtui("watch", THREAD, "-o", "jsonl")
    assert (done.code, done.out) == (3, "")
    check_report(report_of(done.err))


@pytest.mark.parametrize(
    "words", [("simulate", "--port", "0"), ("serve", "demo", "--port", "0"), ("mark", "x")]
)
def test_a_crash_of_a_command_without_requests_is_the_same(words, flowtui, monkeypatch):
    for place in ("flowtui.simulator.server.Simulator.start", "flowtui.cli.handlers.serve._listen"):
        monkeypatch.setattr(place, failing)
    monkeypatch.setattr("flowtui.config.memory.marks_file.locked", failing)
    done = flowtui(*words)
    assert done.code == 1
    check_report(report_of(done.err))


def test_an_error_in_a_file_is_not_reported_as_one_of_stdout(flowtui, monkeypatch):
    def missing(*_arguments, **_named):
        raise FileNotFoundError(2, "No such file or directory", "/some/where")

    monkeypatch.setattr("flowtui.cli.handlers.one_shot.new_requester", missing)
    done = flowtui("runs")
    assert (done.code, done.out) == (1, "")
    assert "stdout" not in done.err
    assert "/some/where" not in report_of(done.err).read_text()


CRASH = """
import faulthandler, os, signal, sys, threading, asyncio
from flowtui.model.run import parsing
KEY = os.environ["SEEKR_API_KEY"]
def fail(*_):
    local = f"holds {KEY}"
    raise LookupError(local)
def boom(*_):
    local = f"holds {KEY}"
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    asyncio.get_running_loop().create_task(dies())
    return asyncio.sleep(0.05)
async def dies():
    fail()
class Dies:
    def __del__(self):
        fail()
class Unclosed:
    def __del__(self):
        raise ResourceWarning(KEY)
import flowtui.headless.runs as runs
async def show(*_, **__):
    for _ in range(3):
        Dies()
        Unclosed()
    await boom()
    import gc; gc.collect()
    if sys.argv[-1] == "abort":
        local = f"holds {KEY}"
        signal.raise_signal(signal.SIGABRT)
    return 0
runs.show_runs = show
from flowtui.cli import main
sys.argv[1:] = ["runs"] if sys.argv[-1] != "abort" else ["runs", "abort"]
sys.exit(main())
"""


@pytest.mark.parametrize("how", ["lost", "abort"])
def test_errors_in_threads_tasks_and_finalisers_print_no_data(how, tmp_path):
    """Threads, tasks and finalisers, in Python's development mode; and the stack that faulthandler prints."""
    done = processes.run(
        [sys.executable, "-X", "dev", "-X", "faulthandler", "-c", CRASH, how],
        env=environment(tmp_path, SEEKR_API_KEY=KEY, SEEKR_BASE_URL="http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert KEY not in done.stdout + done.stderr
    assert "LookupError" not in done.stderr
    if how == "lost":
        assert (done.returncode, done.stderr) == (0, "")
        reports = list(tmp_path.rglob("crash-*.txt"))
        # One for the thread and one for the finalisers, none for a warning; for a task there is a line in the log.
        assert len(reports) == 2
        assert all("in fail" in path.read_text() and KEY not in path.read_text() for path in reports)
    else:
        assert "Fatal Python error: Aborted" in done.stderr
        assert "in show" in done.stderr


# -- files -------------------------------------------------------------------------------------------------------------


def modes_under(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): f"{stat.S_IMODE(path.stat().st_mode):o}"
        for path in folder.rglob("*")
        if not path.is_symlink()
    }


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize("mask", [0, 0o022, 0o077, 0o277])
def test_files_of_commands_are_readable_by_their_owner_only_with_any_umask(
    mask, flowtui, umask, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / "deep" / name))
    umask(mask)
    flowtui("mark", "release-1")
    flowtui("config", "init", FLOWTUI_CONFIG=str(home / "new" / "er" / "config.toml"))
    flowtui("config", "init")
    summary = ("--summary-file", str(home / "summary"), "--log-file", str(home / "log"))
    flowtui("watch", "--once", "-o", "github", *summary, GITHUB_STEP_SUMMARY=str(home / "step"))
    monkeypatch.setattr("flowtui.cli.handlers.one_shot.new_requester", failing)
    flowtui("runs")
    umask(0o022)
    found = modes_under(home)
    folders = {name for name in found if (home / name).is_dir()}
    assert {found[name] for name in folders} == {"700"}
    assert {found[name] for name in found if name not in folders} == {"600"}
    for name in ("marks.json", "config.toml", "summary", "log", "step", "crash-"):
        assert any(name in path for path in found), name


def test_an_existing_summary_file_keeps_its_permissions(flowtui, tmp_path):
    summary = tmp_path / "summary"
    summary.write_text("old")
    summary.chmod(0o644)
    flowtui("watch", "--once", "-o", "none", "--summary-file", str(summary))
    assert json.loads(summary.read_text())["event"] == "summary"
    assert stat.S_IMODE(summary.stat().st_mode) == 0o644


def test_a_state_folder_open_to_others_becomes_private(flowtui, tmp_path):
    folder = tmp_path / "STATE" / "flowtui"
    make_folder(folder)
    folder.chmod(0o777)
    flowtui("mark", "release-1")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# -- the dashboard: the programs that it starts, the files that it writes, its command line ---------------------

DUMP = '#!/bin/sh\nenv > "$0.env"\ncat /proc/$$/cmdline | tr "\\0" " " >> "$0.env"\n'


def program(path: Path, more: str = "") -> str:
    path.write_text(DUMP + more)
    path.chmod(0o755)
    return str(path)


class Desk:
    """A dashboard after copying, saving, notifying and opening: what other programs got, its files, its command line."""

    def __init__(self, home: Path, url: str) -> None:
        home.mkdir()
        (home / "key").write_text(f"{ODD_KEY}\n")
        command = program(home / "key-command", f"cat {home}/key\n")
        (home / "config.toml").write_text(
            f'api_key_command = "{command}"\nrun_url = "https://ui.example/{{run_id}}"\n'
            f'[notify]\ncommand = ["{program(home / "notify")}"]\n'
            '[profiles.staging]\napi_key_env = "STAGING_KEY"\n'
        )
        raw = ODD_KEY.encode()
        given = environment(
            home,
            SEEKR_BASE_URL=url,
            FLOWTUI_CONFIG=str(home / "config.toml"),
            BROWSER=program(home / "browser"),
            STAGING_KEY="another-secret",
            HEADER=f"Bearer {ODD_KEY}",
            LOGIN=base64.b64encode(b"u:" + raw).decode(),
            HARMLESS="of no account",
        )
        code = "import os; os.umask(0); from flowtui.cli import main; raise SystemExit(main())"
        self.home = home
        self.terminal = Terminal(("-c", code, "--tz", "utc"), given, columns=120, rows=40)
        try:
            self._use(self.terminal)
        finally:
            self.terminal.close()

    def _use(self, terminal: Terminal) -> None:
        terminal.until(terminal.sees(FAILED))
        terminal.press("0", "g", "o", then=(self.home / "browser.env").exists)
        terminal.press("\x13", then=lambda: list(self.home.glob("flowtui-screen-*.svg")))
        terminal.press("E", then=terminal.sees("enter choose"))
        terminal.press("c", then=lambda: list(self.home.glob("flowtui-runs-*.csv")))
        terminal.until(terminal.misses("enter choose"))
        terminal.press("Y", then=terminal.sees("Copy of"))
        terminal.press("c", then=lambda: b"\x1b]52;" in terminal.raw)
        terminal.until(terminal.misses("Copy of"))
        remembered = self.home / "STATE" / "flowtui" / "state.json"
        terminal.press("s", then=terminal.sees("╭─ Order"))
        terminal.press("r", then=remembered.exists)
        terminal.until(terminal.misses("╭─ Order"))
        terminal.press("\r", then=terminal.sees(" of 3  "))
        system = Path(f"/proc/{terminal.process.pid}/cmdline")
        self.cmdline = system.read_bytes().decode() if system.exists() else ""
        terminal.press("E", then=lambda: list(self.home.glob("flowtui-run_1-*.md")))
        terminal.press("q", then=terminal.sees("Threads"))
        terminal.press("q")
        assert terminal.end() == 0


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    with AnswerServer() as server:
        yield Desk(tmp_path_factory.mktemp("desk") / "home", server.url)


@pytest.mark.parametrize("name", ["browser", "key-command"])
def test_no_program_that_the_dashboard_starts_gets_a_key(name, desk):
    got = (desk.home / f"{name}.env").read_text()
    assert "HARMLESS=of no account" in got
    assert "another-secret" not in got
    assert "SEEKR_API_KEY" not in got
    if name == "browser":  # the other program runs before the key is known
        assert not holds(got, ODD_KEY)
        assert "https://ui.example/run_1" in got


def test_neither_the_screen_nor_the_command_line_shows_the_key(desk):
    shown = desk.terminal.raw.decode()
    assert not holds(shown, ODD_KEY)
    assert not holds(desk.cmdline, ODD_KEY)
    (copied,) = re.findall(r"\x1b\]52;c;([A-Za-z0-9+/=]*)", shown)
    assert "$SEEKR_API_KEY" in base64.b64decode(copied).decode()


def test_files_of_the_dashboard_are_private_and_have_no_key(desk):
    written = [*desk.home.glob("flowtui-*"), *(desk.home / "STATE").rglob("*")]
    assert {path.suffix for path in written} >= {".svg", ".csv", ".md", ".json"}
    for path in written:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
        assert path.is_dir() or not holds(path.read_text(errors="replace"), ODD_KEY), path
