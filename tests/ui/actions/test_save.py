"""Saving: new files that only their owner can read, and what the copy and export menus offer, copy and save."""

from __future__ import annotations

import base64
import errno
import json
import os
import re
import stat
from dataclasses import dataclass, field
from datetime import UTC

import pytest

from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError
from flowtui.model.columns.column_choice import ColumnChoice, choose
from flowtui.model.columns.columns import PRINTED
from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run.parsing import parse_run
from flowtui.model.run.row import Run
from flowtui.model.view.view import View
from flowtui.text import short_id
from flowtui.ui.actions.clipboard import MAX_BYTES, sequence
from flowtui.ui.actions.copy_menu import copyables
from flowtui.ui.actions.save import Saving, file_name, save, write_new
from flowtui.ui.base.messages import CopyMenuRequested, CopyRequested, ExportRequested, ReportRequested
from flowtui.ui.widgets.menu import Choice

from ..services import FakeServices, Said

NOW = 1_795_567_512.0
HOSTILE = "|a\n![x](http://e)\x1b[2J"


def raw_of(**fields):
    return {"id": "run_1", "status": "failed", "thread_id": "thr_1", "instructions": "Be kind", **fields}


@dataclass
class Table:
    """A table that shows these runs."""

    displayed_runs: list[Run]
    view: View = field(default_factory=View)
    columns: ColumnChoice = field(default_factory=lambda: choose(None))

    def cell_context(self):
        return Context(now=NOW, zone=UTC)


class Desk:
    """What saves a single run, with a fake of the application's services."""

    def __init__(self, opened, settings=None):
        self.run = opened.run
        self.services = FakeServices(NOW)
        table = Table([opened.run])
        self.saving = Saving(self.services, table, lambda _run: opened, lambda: settings or Settings())

    @property
    def said(self):
        return self.services.texts

    @property
    def copied(self):
        """The texts that were sent to the terminal's clipboard."""
        return [_copied(text) for text in self.services.written]

    def choose(self, letter, *, as_file=False):
        """Open the copy menu, and choose an entry."""
        self.saving.handle(CopyMenuRequested(self.run))
        self.services.answer(Choice(letter, as_file))


def _copied(written):
    return base64.b64decode(re.fullmatch("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07", written)[1]).decode()


@pytest.fixture
def opened():
    raw = raw_of()
    return Opened(parse_run(raw, "thr_1"), raw)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TMUX", raising=False)
    return tmp_path


# -- files -----------------------------------------------------------------------------------------------------


def test_a_file_name_contains_what_is_saved_and_the_time():
    assert file_name("runs", 1_795_567_512.0, "csv") == "flowtui-runs-20261125T004512Z.csv"
    assert file_name("../../etc/passwd\0\n", 0, "md") == "flowtui-etc-passwd-19700101T000000Z.md"
    assert file_name("漢字", 0, "md") == "flowtui-run-19700101T000000Z.md"
    assert len(file_name("x" * 999, 0, "md")) < 90


async def test_a_file_is_private_and_never_overwritten(tmp_path):
    names = []
    for text in ("one", "two", "three"):
        path = await save("a.csv", lambda text=text: [text, "\n"], tmp_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text() == f"{text}\n"
        names.append(path.name)
    assert names == ["a.csv", "a-2.csv", "a-3.csv"]
    assert (tmp_path / "a.csv").read_text() == "one\n"


def test_a_file_is_not_written_through_an_existing_link(tmp_path):
    victim = tmp_path / "victim"
    (tmp_path / "a.csv").symlink_to(victim)
    assert write_new(tmp_path, "a.csv", ["x"]).name == "a-2.csv"
    assert not victim.exists()


def test_saving_in_an_unwritable_folder_raises_an_error(tmp_path):
    with pytest.raises(FlowtuiError, match="could not be written: No such file") as caught:
        write_new(tmp_path / "nowhere", "a.csv", ["x"])
    assert "folder" in caught.value.hint


def test_a_full_disk_raises_an_error_and_leaves_no_partial_file(tmp_path):
    def text():
        yield "begun"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(FlowtuiError, match="No space left"):
        write_new(tmp_path, "a.csv", text())
    assert list(tmp_path.iterdir()) == []


def test_a_lone_surrogate_can_be_saved(tmp_path):
    assert write_new(tmp_path, "a.txt", ["a\ud800b"]).read_text() == "a?b"


# -- the copy menu ----------------------------------------------------------------------------------------------


def test_each_menu_entry_has_its_text(opened):
    settings = Settings(run_url="https://ui/{thread_id}/{run_id}")
    texts = {
        text.entry.name: text.text()
        for text in copyables(opened, PRINTED, Context(now=NOW, zone=UTC), settings)
    }
    assert texts["id"] == "run_1"
    assert texts["row"].startswith("failed\trun_1\tthr_1\t")
    assert json.loads(texts["JSON"]) == raw_of()
    assert texts["curl"].startswith('curl -sS -H "Authorization: $SEEKR_API_KEY" https://')
    assert texts["watch"] == "flowtui watch thr_1 --run run_1"
    assert texts["link"] == "https://ui/thr_1/run_1"
    assert texts["report"].startswith("# Run ")
    assert "Be kind" in texts["report"]
    assert "Be kind" not in texts["redacted"]


def test_a_menu_entry_without_its_text_says_what_is_missing():
    run = parse_run({"status": "failed", "agent_id": HOSTILE}, "thr_1")
    entries = {
        text.entry.name: text.entry for text in copyables(Opened(run), PRINTED, Context(now=NOW), Settings())
    }
    assert {name for name, entry in entries.items() if entry.there} == {"row", "report", "redacted"}
    assert entries["link"].hint == "set run_url in the config file"
    assert entries["report"].hint == "as Markdown, without the whole run and why: not loaded"
    assert all(entry.hint.isprintable() for entry in entries.values())


def test_letters_of_the_menu_are_unique_and_not_keys_that_move_the_cursor(opened):
    letters = [text.entry.letter for text in copyables(opened, PRINTED, Context(now=NOW), Settings())]
    assert len(set(letters)) == len(letters)
    assert not set(letters) & set("jkgGqs")


def test_an_entry_of_the_copy_menu_is_copied_and_said_to_be_sent(here, opened):
    desk = Desk(opened)
    desk.saving.handle(CopyMenuRequested(opened.run))
    [asked] = desk.services.asked
    assert asked.dialog._title_text == "Copy of run_1"
    assert [entry.letter for entry in asked.dialog._entries] == [*"irvcwomx"]
    assert asked.dialog._files
    desk.services.answer(Choice("c"))
    [copied] = desk.copied
    assert copied.startswith("curl ")
    sent = f"Sent the curl command ({len(copied)} bytes) to the terminal's clipboard (OSC 52)"
    assert desk.services.said == [Said(sent, "", "information", 3)]
    assert not desk.services.started
    assert list(here.iterdir()) == []


def test_a_closed_menu_copies_and_saves_nothing(here, opened):
    desk = Desk(opened)
    for request in (CopyMenuRequested(opened.run), ExportRequested()):
        desk.saving.handle(request)
        desk.services.answer(None)
    assert (desk.copied, desk.said, desk.services.started) == ([], [], [])


async def test_text_too_long_for_the_clipboard_can_be_saved(here):
    raw = raw_of(instructions="x" * 80_000)
    desk = Desk(Opened(parse_run(raw, "thr_1"), raw))
    desk.choose("v")
    assert desk.copied == []
    [said] = desk.services.said
    assert said.text.startswith("The JSON has 80,")
    assert said.text.endswith("clipboard takes 74,994. In the copy menu, s saves it as a file.")
    assert said.severity == "warning"
    desk.choose("v", as_file=True)
    await desk.services.work("files")
    path = here / "flowtui-run_1-20261125T004512Z.json"
    assert json.loads(path.read_text()) == raw
    assert desk.services.said[1:] == [Said(f"Saved the JSON to {path}", "", "information", 4)]


# -- one line --------------------------------------------------------------------------------------------------


def test_a_copied_id_is_one_safe_line_and_said_to_be_sent_not_copied(here, opened, monkeypatch):
    desk = Desk(opened)
    desk.saving.handle(CopyRequested("run_\n\x1b[31m1"))
    [copied] = desk.copied  # a line break pasted into a shell would start another command
    assert copied.isprintable()
    assert copied.startswith("run_")
    sent = f"Sent {copied} to the terminal's clipboard (OSC 52)"  # no terminal confirms that it copied
    assert desk.services.said == [Said(sent, "", "information", 3)]

    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    desk.services.written.clear()
    desk.saving.handle(CopyRequested("run_1"))
    assert desk.services.written == [sequence("run_1", tmux=True)]


def test_a_line_too_long_for_the_clipboard_is_not_copied(here, opened):
    desk = Desk(opened)
    desk.saving.handle(CopyRequested("x" * (MAX_BYTES + 1)))
    assert desk.services.written == []
    assert desk.services.said == [Said("Too long for a terminal's clipboard", "", "warning", None)]


# -- rows and reports ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("letter", "suffix"), [("c", "csv"), ("d", "json"), ("l", "jsonl"), ("m", "md")])
async def test_the_rows_are_saved_as_a_file(letter, suffix, here, opened):
    desk = Desk(opened)
    desk.saving.handle(ExportRequested())
    assert desk.services.asked[0].dialog._title_text == "Export 1 run"
    desk.services.answer(Choice(letter))
    await desk.services.work("files")
    path = here / f"flowtui-runs-20261125T004512Z.{suffix}"
    assert "run_1" in path.read_text().replace("\\", "")
    assert desk.said == [f"Saved 1 run to {path}"]
    if suffix == "csv":  # the columns of the commands, whatever the screen shows at first
        assert path.read_text().splitlines()[0] == ",".join(PRINTED)
    path.unlink()
    desk.saving.handle(ExportRequested(suffix))  # as the command `:export` does, without a menu
    await desk.services.work("files")
    assert desk.services.asked == []
    assert desk.said[1:] == [f"Saved 1 run to {path}"]


async def test_a_second_report_gets_a_new_file_name(here, opened):
    desk = Desk(opened)
    for _ in range(2):
        desk.saving.handle(ReportRequested(opened.run))
        await desk.services.work()
    first, second = "flowtui-run_1-20261125T004512Z.md", "flowtui-run_1-20261125T004512Z-2.md"
    assert sorted(path.name for path in here.iterdir()) == [second, first]
    assert (here / first).read_text().startswith("# Run run\\_1")
    assert desk.said == [f"Saved the report to {here / name}" for name in (first, second)]


async def test_if_a_file_cannot_be_written_the_error_is_shown(here, opened, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    desk = Desk(opened)
    desk.saving.handle(ReportRequested(opened.run))
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", full)
        await desk.services.work()
    [said] = desk.services.said
    assert "Read-only file system" in said.text
    assert (said.severity, said.timeout) == ("error", None)


# -- on the dashboard ------------------------------------------------------------------------------------------


# `tests/faults/test_secrets.py` searches what a dashboard on a terminal copies and saves.
@pytest.mark.slow
async def test_nothing_copied_or_saved_contains_the_key(app, here, key):
    async with app() as seat:
        written = []
        seat.app._driver.write = written.append
        ids, run = seat.ids, seat.table.cursor_run
        await seat.press("y")
        told = f"Sent {run.id} to the terminal's clipboard (OSC 52)"
        await seat.until(lambda: [note.message for note in seat.app._notifications] == [told])
        await seat.sees("clipboard (OSC")
        assert "Copied" not in seat.text
        for letter in "irvcwmx":
            await seat.until(lambda: seat.app.session.fetcher.opened(seat.table.cursor_run).raw is not None)
            await seat.press("Y")
            await seat.sees(f"Copy of {short_id(run.id)}", "s save as a file")
            await seat.press(letter)
            await seat.until(lambda: len(seat.app.screen_stack) == 1)
        copied = [_copied(text) for text in written if "52;c" in text]
        assert copied[0] == run.id
        assert len(copied) == 8
        assert f"{seat.simulator.url}/v1/threads/" in copied[4]
        assert not any(key in text for text in copied)
        await seat.press("E")
        await seat.sees("Export 16 runs")
        await seat.press("l")
        await seat.until(lambda: any("Saved 16 runs" in note.message for note in seat.app._notifications))
        [path] = here.iterdir()
        assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == ids
        assert key not in path.read_text()
