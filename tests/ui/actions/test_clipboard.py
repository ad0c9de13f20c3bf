"""The bytes that copy a text through the terminal."""

from __future__ import annotations

import base64
import re

import pytest

from flowtui.ui.actions.clipboard import MAX_BYTES, sequence


def _unwrapped(written):
    return base64.b64decode(re.fullmatch("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07", written)[1]).decode()


@pytest.mark.parametrize("text", ["run_7f31", "", "漢字 😀", "a\nb\tc\n"])
def test_text_is_sent_as_base64_in_one_sequence(text):
    written = sequence(text, tmux=False)
    assert _unwrapped(written) == text
    assert written.count("\x1b") == 1


@pytest.mark.parametrize(
    ("text", "pasted"),
    [
        ("\x1b]52;c;evil\x07", "␛]52;c;evil␇"),
        ("\x1b[201~rm -rf ~\r", "␛[201~rm -rf ~␍"),
        ("a\x9b1m\x00\u202eb\tc\nd", "a�1m␀�b\tc\nd"),
        ("a\ud800b", "a�b"),
    ],
)
def test_copied_text_contains_no_control_characters(text, pasted):
    assert _unwrapped(sequence(text, tmux=False)) == pasted


def test_the_sequence_is_wrapped_for_tmux_with_doubled_escapes():
    plain, wrapped = sequence("run_7f31", tmux=False), sequence("run_7f31", tmux=True)
    assert wrapped.startswith("\x1bPtmux;")
    assert wrapped.endswith("\x1b\\")
    inner = wrapped.removeprefix("\x1bPtmux;").removesuffix("\x1b\\")
    assert inner == plain.replace("\x1b", "\x1b\x1b")


def test_a_text_that_is_too_long_gives_no_sequence():
    assert len(sequence("x" * MAX_BYTES, tmux=False)) <= 100_000
    assert sequence("x" * (MAX_BYTES + 1), tmux=False) is None
    assert sequence("ä" * (MAX_BYTES // 2 + 1), tmux=False) is None
