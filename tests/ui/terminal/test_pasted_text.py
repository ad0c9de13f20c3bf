"""Pasted text is never read as keys, whatever it contains and in whatever pieces it arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from flowtui.ui.terminal.key_parser import KeyParser
from flowtui.ui.terminal.pasted_text import PastedText

START, END = "\x1b[200~", "\x1b[201~"


@pytest.fixture
def ids():
    return "short"


def _heard(*pieces):
    """Return the names of the keys read, and pasted text in brackets."""
    parser = KeyParser()
    heard = [event for piece in (*pieces, "") for event in parser.feed(piece)]
    return [f"[{event.text}]" if isinstance(event, events.Paste) else event.key for event in heard]


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (f"a{START}failed{END}b", ["a", "[failed]", "b"]),
        (f"{START}\x1b[31merror\x1b[0m{END}\r", ["[[31merror[0m]", "enter"]),
        (f"{START}\x1b]0;q\x07\x1bq{END}", ["[]0;q\x07q]"]),
        (f"{START}one{END}{START}\x1b[Atwo{END}", ["[one]", "[[Atwo]"]),
        (f"\x1b[A{START}x{END}\x1b[B", ["up", "[x]", "down"]),
        (f"{START}\x1b[20{END}", ["[[20]"]),
        (f"{START}{START}x{END}", ["[[200~x]"]),
    ],
)
def test_escape_sequences_in_pasted_text_are_not_keys(sent, heard):
    assert _heard(sent) == heard
    assert _heard(*sent) == heard


@given(
    parts=st.lists(
        st.sampled_from(["a", "\x1b", "\x1b[A", START, END, "q", "\x1b[20", "0~", "1~", "\x07"]), max_size=12
    ),
    cut=st.integers(1, 9),
)
def test_a_paste_may_arrive_in_any_pieces(parts, cut):
    sent = "".join([*parts, END, "x"])
    whole, pieces = PastedText(), PastedText()
    many = [pieces.clean(sent[place : place + cut]) for place in range(0, len(sent), cut)]
    assert "".join(many) == whole.clean(sent)


def test_ctrl_c_ends_a_paste_whose_end_marker_was_lost():
    assert _heard(f"{START}half", "jj", "\x03", "q") == ["[halfjj]", "ctrl+c", "q"]


async def test_pasting_coloured_text_presses_no_key(app):
    async with app() as seat:
        parser = KeyParser()
        await seat.press("slash")
        for event in parser.feed(f"{START}\x1b[1;31mfailed{END}"):
            seat.app.post_message(event)
        await seat.until(lambda: "[1;31mfailed" in seat.dashboard.view.text)
