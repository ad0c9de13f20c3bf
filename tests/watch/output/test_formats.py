"""The formats with hostile text and with more than fits. Normal output is in the golden files."""

from __future__ import annotations

import io
import json
import re

import pyte
import pytest

from flowtui.model.export.json_text import to_json
from flowtui.model.export.markdown import markdown
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.snapshot import Snapshot
from flowtui.watch.ledger import Ledger
from flowtui.watch.output.formats import choose
from flowtui.watch.output.formats.format import LiveState
from flowtui.watch.output.formats.github import command_data, command_property
from flowtui.watch.output.formats.tty.live_block import block
from flowtui.watch.output.formats.tty.signs import UNICODE
from flowtui.watch.output.output import Output
from flowtui.watch.output.terminal import Span, Terminal, rows_of

EVIL = "\x1b[2J\x9b31m|a,b\n::error::x%0A\r![x](https://evil.example/x.png)<img src=x>\u202e"


@pytest.fixture
def evil(world, clock):
    """A server whose texts are all hostile."""
    world.names = {f"agent {EVIL}": f"name {EVIL}"}
    for number in range(3):
        world.add("thr_a", f"run_{number}{EVIL}", "running", agent=f"agent {EVIL}", model=f"m {EVIL}")
    world.traced = {
        f"run_0{EVIL}": [{"is_exception": True, "message": f"boom {EVIL}", "exception_type": EVIL}],
    }
    clock.at(10, lambda: world.move(f"run_0{EVIL}", "failed"))
    clock.at(20, lambda: world.move(f"run_1{EVIL}", f"odd {EVIL}", is_active=False))
    clock.at(30, lambda: world.move(f"run_2{EVIL}", "completed"))


@pytest.mark.parametrize("output", ["plain", "github", "jsonl", "json", "tty"])
async def test_no_control_byte_of_the_server_is_printed(output, evil, watch, tmp_path):
    page = tmp_path / "step.md"
    stage = {"environ": {"GITHUB_STEP_SUMMARY": str(page)}, "size": lambda: (120, 24), "color": True}
    result = await watch("thr_a", output=output, stage=stage, timeout=65.0)
    assert result.code == 1
    out = result.out
    if output == "tty":
        out = re.sub(r"\x1b\[(\?25[lh]|[0-9;]*[mAJK])|\r", "", out)
    assert all(line.isprintable() for line in out.split("\n"))
    if output in ("json", "jsonl"):
        assert out.isascii()
        assert all(json.loads(line)["v"] == 1 for line in out.splitlines())
    if output == "github":
        commands = [line for line in out.splitlines() if line.startswith("::")]
        assert len(commands) == 1
        assert commands[0].startswith("::error title=run run_0")
        tables = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
        begins = tables.index("| status | run | thread | agent | time | tokens | why |")
        cells = [
            {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
            for rows in (tables[:begins], tables[begins:])
        ]
        assert cells == [{6}, {8}]
        assert "<img" not in page.read_text(encoding="utf-8")
        assert "](" not in page.read_text(encoding="utf-8")


def test_github_workflow_commands_are_escaped():
    assert command_data("50%\r\n::x") == "50%25%0D%0A::x"
    assert command_property("a:b,c%") == "a%3Ab%2Cc%25"


def test_markdown_is_escaped():
    assert markdown("a|b") == r"a\|b"
    assert markdown("<b>&") == "&lt;b&gt;&amp;"
    assert markdown("![x](y)") == r"\!\[x\]\(y\)"
    assert markdown("a\nb") == "a␊b"


def test_json_is_ascii_and_has_no_nan():
    assert to_json({"a": float("nan"), "b": [float("inf")], "c": "\x7f\u202eé"}) == (
        '{"a": null, "b": [null], "c": "\\u007f\\u202e\\u00e9"}'
    )


@pytest.mark.parametrize(
    ("output", "environ", "on_terminal", "chosen"),
    [
        ("auto", {"TERM": "xterm"}, True, "tty"),
        ("auto", {"TERM": "dumb"}, True, "plain"),
        ("auto", {"TERM": "xterm"}, False, "plain"),
        ("auto", {"GITHUB_ACTIONS": "true"}, False, "github"),
        ("auto", {"GITHUB_ACTIONS": "1"}, False, "plain"),
        ("json", {"GITHUB_ACTIONS": "true"}, True, "json"),
    ],
)
def test_auto_chooses_a_format_for_the_output(output, environ, on_terminal, chosen):
    assert choose(output, environ, on_terminal=on_terminal) == chosen


def board(count):
    books = Ledger()
    for number in range(count):
        raw = {"id": f"run_{number}", "status": "running" if number % 3 else "queued", "is_active": True}
        books.put(parse_run(raw, "thr"), 0.0)
    return LiveState(books, Snapshot(at=0.0), 12.0)


@pytest.mark.parametrize("count", [0, 1, 10, 1000])
@pytest.mark.parametrize("rows", [3, 10, 24, 200])
def test_live_lines_leave_room_for_events(count, rows):
    lines = block(board(count), 80, rows, UNICODE)
    assert len(lines) <= max(2, rows - 5)
    text = "\n".join("".join(span.text for span in line) for line in lines)
    if count == 1000 and rows == 24:
        assert re.search(r"running +and \d+ more", text)
        assert re.search(r"queued +and \d+ more", text)


def test_permanent_lines_are_printed_above_the_block_which_is_redrawn_in_place():
    stream = io.StringIO()
    terminal = Terminal(Output(stream), lambda: (20, 10), color=False)
    terminal.draw([[Span("one")], [Span("two")]])
    terminal.draw([[Span("one!" + "x" * 40)], [Span("two!")]], [[Span("stays")]])
    terminal.draw([[Span("last")]])
    screen = pyte.Screen(20, 10)
    pyte.Stream(screen).feed(stream.getvalue())
    assert [line.rstrip() for line in screen.display if line.strip()] == ["stays", "last"]
    terminal.close([[Span("end")]])
    terminal.close()
    pyte.Stream(screen).feed(stream.getvalue())
    assert stream.getvalue().count("\x1b[?25h") == 1


@pytest.mark.parametrize(
    ("columns", "reflows"), [(60, True), (18, True), (10, True), (60, False), (30, False)]
)
def test_after_the_terminal_gets_narrower_no_old_line_of_the_block_remains(columns, reflows):
    stream, size = io.StringIO(), [60, 20]
    terminal = Terminal(Output(stream), lambda: tuple(size), color=False, reflows=reflows)
    screen = pyte.Screen(columns if reflows else 60, 20)
    terminal.draw([[Span("a" * 33)], [Span("漢" * 20)], [], [Span("b" * 80)]], [[Span("stays")]])
    # A terminal that reflows shows the old block wrapped to the new width; one that cuts lines off is resized.
    pyte.Stream(screen).feed(stream.getvalue())
    screen.resize(20, columns)
    size[0] = columns
    place = stream.tell()
    terminal.draw([[Span("new " * 20)], [Span("x")]])
    pyte.Stream(screen).feed(stream.getvalue()[place:])
    shown = [line.rstrip() for line in screen.display if line.strip()]
    assert shown == ["stays", ("new " * 20)[: columns - 1].rstrip(), "x"]


def test_a_wide_character_that_does_not_fit_begins_the_next_row():
    assert [rows_of(text, 9) for text in ("", "a" * 9, "a" * 10, "漢" * 4, "漢" * 5, "漢" * 20)] == [
        1,
        1,
        2,
        1,
        2,
        5,
    ]


async def test_in_the_background_events_are_printed_without_live_lines(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    clock.at(10, lambda: world.move("run_1", "failed"))
    result = await watch("thr_a", output="tty", stage={"in_front": lambda: False})
    assert "× failed     run_1" in result.out
    assert "watching 0s" not in result.out
    assert "\x1b[?25l" not in result.out


def test_a_closed_stream_is_not_written_to(capsys):
    stream = io.StringIO()
    output = Output(stream)
    stream.close()
    output.write("x")
    output.write("y")
    assert output.gone
    assert capsys.readouterr().err.count("\n") == 1
