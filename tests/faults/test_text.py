"""Text that attacks terminals or markup parsers, each kind in its own run: it is shown as text and has no effect.

One simulator serves all of them, and it is read once: by a dashboard whose cursor goes to each run, and by commands.
`test_places` does the same with all attacks at once, in every field and every place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from flowtui.simulator.faults import FAULTS as KNOWN
from flowtui.simulator.faults.text import text
from flowtui.simulator.server import Simulator

from ..attacks import ATTACKS
from ..terminal import Terminal
from .capture import copied
from .conftest import NOW
from .user_views import dashboard, field_of, shell

FAULTS = (*ATTACKS, "text-zero-width", "wide-agent")
WIDE = "👩\u200d👩\u200d👧🇩🇪漢字"
TABS = {"text-escape": ("2", "second line"), "text-osc52": ("3", "to the clipboard")}
CLICKED = "[@click=app.quit]quit[/]"


LABELLED = ["labels-on-runs", "no-labels"]
"""Labels are in `meta_data` only, where the faults put their text, and not on spans, too."""


class Seen(NamedTuple):
    """What was shown of the attacked runs, by fault.

    `pane` is the dashboard while the cursor was on the run, `page` what `run ID` prints, `line` the run of
    `runs -o jsonl`; `table` is the dashboard's table, `printed` that of `runs`, `watched` the lines of `watch`.
    `ends` are the columns in which the lines of the table end.
    """

    ids: dict[str, str]
    pane: dict[str, str]
    page: dict[str, str]
    line: dict[str, dict[str, Any]]
    table: str
    printed: str
    watched: str
    ends: set[int]
    raw: bytes
    title: str

    def check(self, fault: str, text: str, *unsent: bytes) -> None:
        """The dashboard and `run ID` show this text of the run, and these bytes were never sent to the terminal."""
        assert text in self.pane[fault]
        assert text in self.page[fault]
        assert [sequence for sequence in unsent if sequence in self.raw] == []

    def printed_row(self, fault: str) -> str:
        """Return the row of `runs -o table`, with single spaces."""
        return next(" ".join(line.split()) for line in self.printed.splitlines() if self.ids[fault] in line)

    def check_model(self, fault: str, ending: str) -> None:
        """The model ends so on the dashboard, in `run ID` and in `runs -o table`, and is as it was sent in JSON."""
        model = self.line[fault]["model"]
        assert model.startswith("meta-llama/")
        shown = field_of(self.pane[fault], "model")
        assert re.fullmatch(rf"meta-llama/.*-Instruct{re.escape(ending)}", shown)
        assert f"-Instruct{ending}\n" in self.page[fault]
        assert f"-Instruct{ending} " in self.printed_row(fault)


def _bordered(screen: Terminal, run_id: str) -> int:
    """Return in which column the line of a run has its right border."""
    lines = ([screen.screen.buffer[y][x].data for x in range(screen.columns)] for y in range(screen.rows))
    line = next(cells for cells in lines if f" {run_id}" in "".join(cells[:80]))
    return max(x for x, data in enumerate(line) if data == "│")


def _click(screen: Terminal, text: str) -> None:
    """Click on the middle of a text."""
    y, line = next((y, line) for y, line in enumerate(screen.text.splitlines(), 1) if text in line)
    x = line.index(text) + len(text) // 2
    screen.press(f"\x1b[<0;{x};{y}M", f"\x1b[<0;{x};{y}m")


def _look_round(screen: Terminal, order: list[str], ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Put the cursor on one run after the other, and yield (fault, screen) of the attacked ones."""
    faults = {run_id: fault for fault, run_id in ids.items()}
    for run_id in order[1 : order.index(ids[FAULTS[-1]]) + 1]:
        screen.press("j", then=screen.sees(f"╭─ {run_id}"))
        if (fault := faults.get(run_id)) is None:
            continue
        screen.until(screen.sees("customer="))
        if fault == "text-click":
            _click(screen, CLICKED)
            screen.until(screen.sees("space fold"))  # a click focuses the pane
            screen.press("\x1b[Z", then=screen.sees("enter open"))
        key, words = TABS.get(fault, ("1", "customer="))
        screen.press(key, then=screen.sees(words))
        yield fault, screen.text
        screen.press("1", then=screen.sees("customer="))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    home = tmp_path_factory.mktemp("home")
    with (
        pytest.MonkeyPatch.context() as patch,
        Simulator(seed=3, threads=1, runs=40, clock=lambda: NOW, faults=LABELLED) as world,
        shell(world.url, home) as run,
    ):
        patch.setitem(KNOWN, "wide-agent", text("agent_id", WIDE))
        (thread,) = world.thread_ids()
        good = run("runs", thread, "--all", "-o", "jsonl").lines
        done = (line["id"] for line in good if line["status"] == "completed")
        ids = dict(zip(FAULTS, done, strict=False))
        for fault, run_id in ids.items():
            world.add_fault(f"{fault}:{run_id}")
        with dashboard(world.url, home, columns=230, rows=90, remember=False) as screen:
            screen.until(screen.sees("1/1 threads", "40 known runs", "漢", *(line["id"] for line in good)))
            table = screen.text
            ends = {
                _bordered(screen, run_id) for run_id in (ids["wide-agent"], ids["text-tab"], good[0]["id"])
            }
            pane = dict(_look_round(screen, [line["id"] for line in good], ids))
        listed = {line["id"]: line for line in run("runs", thread, "--all", "-o", "jsonl").lines}
        raw_ids = {**ids, "text-zero-width": next(name for name in listed if not name.isprintable())}
        yield Seen(
            ids,
            pane,
            {fault: run("run", name, "-t", thread, "-o", "table").out for fault, name in raw_ids.items()},
            {fault: listed[name] for fault, name in raw_ids.items()},
            table,
            run("runs", thread, "--all", "-o", "table").out,
            run("watch", thread, "--once", "-o", "plain").out,
            ends,
            bytes(screen.raw),
            screen.screen.title,
        )


def test_all_runs_are_listed_and_each_was_opened(seen):
    assert list(seen.pane) == list(FAULTS)
    for run_id in seen.ids.values():
        assert run_id in seen.table
        assert run_id in seen.printed


def test_p01_an_escape_sequence_in_instructions_is_written_out(seen):
    """`ESC[2J` in instructions: shown as `␛[2J` between the lines, nothing is erased, and JSON keeps it."""
    seen.check("text-escape", "first line␛[2J␛[Hsecond line")
    assert seen.line["text-escape"]["instructions"] == "first line\x1b[2J\x1b[Hsecond line"


def test_p02_osc_52_never_reaches_the_clipboard(seen):
    """OSC 52 in a tool's description: shown escaped, and nothing is sent to the clipboard."""
    seen.check("text-osc52", r"copies \u001b]52;c;cm0gLXJmIH4=\u0007 to the clipboard", b"\x1b]52;")
    assert copied(seen.raw) == []


def test_p03_a_model_does_not_change_the_terminal_title(seen):
    """OSC 0 in a model: shown as text, and the terminal's title does not change."""
    seen.check_model("text-title", "␛]0;owned␇")
    seen.check("text-title", "␛]0;owned␇", b"\x1b]0;", b"\x1b]1;", b"\x1b]2;")
    assert "owned" not in seen.title


def test_p04_a_link_in_metadata_is_shown_as_text(seen):
    """An OSC 8 link in a value of meta_data: the whole address is shown, and nothing can be clicked."""
    told = "customer=␛]8;;https://evil.example␛\\click␛]8;;␛\\"
    assert told in seen.page["text-link"]
    assert told in field_of(seen.pane["text-link"], "meta_data")
    assert b"\x1b]8;" not in seen.raw


def test_p05_a_c1_control_in_a_status_is_replaced(seen):
    """C1 CSI in a status: shown as `�`, the status is inferred from the run's times, and the server's status is quoted."""
    told = "completed, inferred from completed_at: the server's status is 'completed�31m'"
    assert told in " ".join(seen.page["text-c1"].split())
    assert field_of(seen.pane["text-c1"], "status") == told.replace(" ", "")
    assert "status 'completed�31m', inferred from completed_at" in seen.pane["text-c1"]
    assert b"\xc2\x9b" not in seen.raw
    assert seen.printed_row("text-c1").startswith("✓ completed? ")


def test_p06_nul_del_and_shift_out_are_shown_as_symbols(seen):
    """NUL, DEL and SO in a value: each is shown as its symbol."""
    seen.check("text-nul", "customer=a␀b␡c␎d", b"\x00", b"\x7f", b"\x0e")


def test_p07_a_right_to_left_override_is_replaced(seen):
    """A right-to-left override in a model: shown as `�gnp.exe`, in the order in which it was sent."""
    seen.check_model("text-rtl", "�gnp.exe")


def test_p08_zero_width_characters_in_an_id_are_visible(seen):
    """Zero-width characters in an id: shown as `���`; the run opens by its real id, which JSON has."""
    seen.check("text-zero-width", f"{seen.ids['text-zero-width']}���")
    assert f"{seen.ids['text-zero-width']}���" in seen.table
    assert seen.line["text-zero-width"]["id"] == f"{seen.ids['text-zero-width']}\u200b\u2060\ufeff"


def test_p09_combining_marks_are_cut_to_two(seen):
    """30 combining marks on one letter: two are shown, and the lines above stay free."""
    for shown in (seen.pane["text-combining"], seen.page["text-combining"]):
        assert re.search("customer=(\u00e1\u0301|a\u0301\u0301)\\s", shown)
    assert seen.raw.count("\u0301".encode() * 3) == 0


def test_p10_a_line_break_in_a_cell_is_shown_as_symbols(seen):
    """CRLF in a model: shown as `␍␊` with the text after it, in one line."""
    seen.check_model("text-crlf", "␍␊second")


def test_p11_a_tab_in_a_cell_is_shown_as_a_symbol(seen):
    """TAB in a model: shown as `␉`, and no column moves."""
    seen.check_model("text-tab", "␉after")


def test_p12_a_style_tag_is_shown_as_text(seen):
    """`[bold]` in a model: shown as text, and nothing becomes bold."""
    seen.check_model("text-markup", "[bold]")


def test_p13_a_click_on_an_action_does_nothing(seen):
    """`[@click=app.quit]` in a model: shown as text, and a click on it has no effect."""
    seen.check_model("text-click", CLICKED)
    assert f"╭─ {seen.ids['text-bad-markup']}" in seen.pane["text-bad-markup"]  # the cursor then moved on


def test_p14_an_unmatched_closing_tag_is_shown_as_text(seen):
    """`x[/nope]y`, an error for markup parsers: shown as text."""
    seen.check_model("text-bad-markup", "x[/nope]y")


def test_p15_a_link_tag_is_shown_as_text(seen):
    """`[link="..."]` in a model: shown as text, without a link."""
    seen.check_model("text-markup-link", '[link="https://evil.example"]x[/link]')
    assert b"\x1b]8;" not in seen.raw


def test_p16_columns_stay_aligned_beside_emoji_and_wide_letters(seen):
    """Emoji and wide text: each row of the table ends in the same column; joined emoji are shown one by one, a flag as its letters."""
    assert len(seen.ends) == 1
    assert " 👩�👩�👧DE漢字  " in seen.table
    assert "👩�👩�👧�👦DEＷＩＤＥ漢字" in seen.printed
    assert seen.line["wide-agent"]["agent_id"] == WIDE


def test_text_of_a_run_starts_no_line_in_watch(seen):
    assert not [line for line in seen.watched.splitlines() if not re.match(r"\d\d:", line)]
    assert "summary" in seen.watched
