"""Notification channels: the terminal sequence, and the user's command, which gets JSON but not the API key."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from flowtui.config.key.environ import environ_without_key
from flowtui.ui.events import notify_channels
from flowtui.ui.events.notify_channels import MAX_TEXT, NotifyCommand, osc9

HOSTILE = (
    "run\x1b]0;evil\x07",
    "a\x1b\\b",
    "a\x07b",
    "a\x9cb\x9d52;c;eA==\x9c",
    "a\nb\r\nc",
    "\u202eabc\u2066",
    "a\ud800b",
    "x\x00\x7f\x85",
    "4;1;50",
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("tmux", [False, True])
def test_no_text_can_end_the_terminal_sequence_or_start_another(text, tmux):
    written = osc9(text, tmux=tmux)
    if tmux:
        assert written.startswith("\x1bPtmux;")
        assert written.endswith("\x1b\\")
        written = written[len("\x1bPtmux;") : -2].replace("\x1b\x1b", "\x1b")
    assert written.startswith("\x1b]9;flowtui: ")
    assert written.endswith("\x07")
    inner = written[len("\x1b]9;") : -1]
    assert inner.isprintable()
    assert inner.encode()  # a lone surrogate is removed, too


def test_a_long_text_is_cut():
    written = osc9("x" * 5_000, tmux=False)
    assert len(written) == MAX_TEXT + len("\x1b]9;\x07")
    assert "…" in written


def test_the_environment_of_commands_never_contains_the_key():
    given = {"PATH": "/bin", "SEEKR_API_KEY": "k", "MINE": "x", "URL": "https://secret@host"}
    assert environ_without_key(given, "secret", "MINE") == {"PATH": "/bin"}
    assert environ_without_key(given, "", "MINE") == {"PATH": "/bin", "URL": "https://secret@host"}


async def test_a_command_gets_the_line_and_only_the_given_environment(tmp_path):
    out = tmp_path / "out.json"
    code = "import sys,os,json;json.dump([sys.stdin.read(),dict(os.environ)],open(sys.argv[1],'w'))"
    caller = NotifyCommand([sys.executable, "-c", code, str(out)], {"PATH": os.environ["PATH"], "A": "1"})
    assert await caller.call(b'{"v":1}\n') == ""
    line, environ = json.loads(out.read_text())
    assert line == '{"v":1}\n'
    assert environ["A"] == "1"
    assert "SEEKR_API_KEY" not in environ


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["/no/such/thing"], "No such file or directory"),
        (["\0"], "it cannot be run"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "it failed with exit code 3"),
        ([sys.executable, "-c", "import sys;sys.stdin.close()"], ""),
    ],
)
async def test_an_error_of_the_command_is_returned_as_text_not_raised(command, said):
    assert await NotifyCommand(command, dict(os.environ)).call(b"x" * 200_000) == said


async def test_a_hanging_command_is_killed_with_its_children(monkeypatch, tmp_path):
    monkeypatch.setattr(notify_channels, "TIMEOUT", 0.5)
    pid = tmp_path / "pid"
    code = "import subprocess,sys;p=subprocess.Popen(['sleep','600']);open(sys.argv[1],'w').write(str(p.pid));p.wait()"
    caller = NotifyCommand([sys.executable, "-c", code, str(pid)], dict(os.environ))
    while not pid.exists() or not pid.read_text():
        # on a busy machine the child may not have been started yet
        assert "did not end within 0.5 s" in await caller.call(b"")
    child = int(pid.read_text())
    while _alive(child):  # noqa: ASYNC110  another process, which sends no event
        await asyncio.sleep(0.01)


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_four_commands_run_at_once_and_calls_beyond_the_limit_are_dropped(monkeypatch):
    running, most = 0, 0
    go = asyncio.Event()
    caller = NotifyCommand(["x"], {})

    async def run(_line):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go.wait()
        running -= 1
        return ""

    monkeypatch.setattr(caller, "_run", run)
    calls = [asyncio.create_task(caller.call(b"")) for _ in range(notify_channels.MOST_WAITING + 3)]
    for _ in calls:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    go.set()
    said = await asyncio.gather(*calls)
    assert most == notify_channels.MOST
    assert [text for text in said if text] == ["too many calls at once, some were dropped"] * 3
