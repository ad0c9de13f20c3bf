"""Display-safe text over all of Unicode: no control or invisible character gets through."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from itertools import groupby

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from flowtui.text import (
    cell_width,
    cut_cells,
    pad_cells,
    safe_lines,
    safe_text,
    shorten,
    shorten_cells,
    shorten_counted,
    shorten_start,
)

from .examples import examples

SETTINGS = examples(200)
# characters() alone leaves surrogates out; hostile text is dense in what matters here.
ANY_CHAR = st.characters() | st.characters(categories=["Cs"])
HOSTILE = st.sampled_from(
    "\x00\x07\x08\t\n\v\f\r\x0e\x1b\x1c\x7f\x80\x85\x9b\x9d\xad\u034f\u0300\u0301\u0488\u061c\u115f\u1160\u1161\u17b4"
    "\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\u3164\ufe0f\ufeff\uffa0\ufff9"
    "\ud800\udfff\ue000\u0378\U000e0041\U000e0100\U0010ffff ab[]\u3000\u00a0\u4e00\U0001f600"
    "\U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd\u2630\u4dc0\u093e\u302e\uff37\uac00"
)
ANY_TEXT = st.text(ANY_CHAR | HOSTILE, max_size=60)
FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Default_Ignorable_Code_Point characters that are not in a forbidden category: they draw nothing.
IGNORABLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M") or "\u1161" <= char <= "\u11ff"


def assert_safe(text: str) -> None:
    for char in text:
        assert unicodedata.category(char) not in FORBIDDEN, f"U+{ord(char):04X} passed"
        assert char not in IGNORABLE, f"invisible U+{ord(char):04X} passed"
    for marks, group in groupby(text, _is_mark):
        assert not marks or len(list(group)) <= 2
    text.encode()  # no lone surrogate


@SETTINGS
@given(ANY_TEXT)
@example("\u0301at the start")
@example("e" + "\u0301" * 30)
def test_safe_text_lets_nothing_through_that_controls_or_hides_and_is_idempotent(text):
    safe = safe_text(text)
    assert_safe(safe)
    assert "\n" not in safe
    assert "\r" not in safe
    assert safe_text(safe) == safe


@cache
def _all_that_is_left():
    """Return all characters that safe text can contain."""
    blocks = (range(first, first + 64) for first in range(0, sys.maxunicode + 1, 64))
    return frozenset().union(*(safe_text("x".join(map(chr, block))) for block in blocks))


def test_safe_text_is_safe_for_every_single_code_point():
    left = _all_that_is_left()
    assert len(left) > 100_000
    assert {unicodedata.category(char) for char in left}.isdisjoint(FORBIDDEN)
    assert left.isdisjoint(IGNORABLE)


CODECS = (
    "latin-1",
    "cp1252",
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-32-le",
    "utf-7",
    "shift_jis",
    "cp037",
    "idna",
)
HOSTILE_BYTES = st.sampled_from(
    [
        b"\x1b[2J",
        b"\x9b31m",
        b"\xc2\x9b31m",
        b"\x1b]52;c;eA==\x07",
        b"\xe2\x80\xae",
        b"\xed\xa0\x80",
        b"\xff\xfe",
        b"\r\n",
        b"\0",
    ]
)


@SETTINGS
@given(
    st.lists(st.binary(max_size=12) | HOSTILE_BYTES, max_size=6).map(b"".join),
    st.sampled_from(CODECS),
    st.sampled_from(["surrogateescape", "surrogatepass", "replace", "backslashreplace", "ignore"]),
)
@example(b"\x80\x9b\xff", "utf-8", "surrogateescape")
@example(b"\xed\xa0\x80", "utf-8", "surrogatepass")
def test_bytes_that_were_decoded_badly_are_as_safe_as_any_text(data, codec, errors):
    try:
        text = data.decode(codec, errors)
    except (UnicodeError, ValueError):
        text = data.decode("latin-1")
    for line in (safe_text(text), *safe_lines(text)):
        assert_safe(line)
        assert not set(line) & {"\n", "\r"}
        assert cell_width(line) == cell_len(line)


def test_the_repr_of_a_byte_string_is_shown_unchanged():
    assert safe_text(b"a\x9b") == r"b'a\x9b'"


@SETTINGS
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_printable_ascii_is_unchanged(text):
    assert safe_text(text) == text
    assert safe_lines(text) == [text]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("\x1b[2Jgone", "␛[2Jgone", id="P01 clear screen"),
        pytest.param("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇", id="P02 clipboard"),
        pytest.param("\x1b]0;title\x1b\\", "␛]0;title␛\\", id="P03 title"),
        pytest.param("\x1b]8;;http://x\x1b\\y", "␛]8;;http://x␛\\y", id="P04 link"),
        pytest.param("\x9b31m", "�31m", id="P05 C1 CSI"),
        pytest.param("a\x00b\x7fc\x0ed", "a␀b␡c␎d", id="P06 NUL DEL SO"),
        pytest.param("gpt\u202e4-", "gpt�4-", id="P07 right-to-left override"),
        pytest.param("run\u200b_\u200d1\ufeff", "run�_�1�", id="P08 zero width"),
        pytest.param("a\r\nb", "a␍␊b", id="P10 CRLF stays visible"),
        pytest.param("a\tb", "a␉b", id="P11 tab"),
        pytest.param("[bold]", "[bold]", id="P12 markup is text"),
        pytest.param("[@click=app.quit]", "[@click=app.quit]", id="P13 action is text"),
        pytest.param("x[/nope]y", "x[/nope]y", id="P14 bad markup is text"),
        pytest.param('[link="u"]', '[link="u"]', id="P15 link is text"),
        pytest.param("日本 🚀 é", "日本 🚀 é", id="P16 wide text stays"),
        pytest.param("\ud83d", "�", id="P26 lone surrogate"),
        pytest.param("a\u3000b\u00a0c", "a b c", id="other spaces are one cell"),
        pytest.param("✈\ufe0f", "✈", id="variation selectors go"),
        pytest.param("👍\U0001f3fd", "👍", id="skin tones go"),
        pytest.param("\U0001f1e9\U0001f1ea!", "DE!", id="a flag is its letters"),
        pytest.param("☰ x", "� x", id="a sign on whose width terminals disagree"),
        pytest.param("a\u034fb", "a�b", id="grapheme joiner is no mark"),
        pytest.param("\u0301x", "�x", id="a mark alone would join the cell before"),
        pytest.param("한국", "한국", id="Korean"),
        pytest.param(
            unicodedata.normalize("NFD", "한국"), unicodedata.normalize("NFD", "한국"), id="NFD Korean"
        ),
        pytest.param("", "", id="empty"),
    ],
)
def test_unsafe_characters_become_visible_stand_ins(raw, shown):
    assert safe_text(raw) == shown


def test_of_thirty_combining_marks_on_one_letter_two_are_kept():
    assert safe_text("e" + "\u0301" * 30 + "x") == "e\u0301\u0301x"
    assert safe_text("\u1100" + "\u1161" * 30) == "\u1100\u1161\u1161"


def test_other_values_are_shown_as_text():
    assert safe_text(None) == "None"
    assert safe_text(12) == "12"
    assert safe_text({"a": "\x1b"}) == r"{'a': '\x1b'}"


@SETTINGS
@given(ANY_TEXT)
def test_safe_lines_are_safe_and_lose_no_line(text):
    lines = safe_lines(text)
    for line in lines:
        assert_safe(line)
        assert "\n" not in line
    assert len(lines) == text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def test_safe_lines_end_at_every_kind_of_line_break_and_expand_tabs():
    assert safe_lines("a\r\nb\rc\nd\n") == ["a", "b", "c", "d", ""]
    assert safe_lines("\tx\n123\ty") == ["    x", "123 y"]
    assert safe_lines("a\vb\u2028c") == ["a␋b�c"]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("run_1", 5),
        ("日本", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("🚀x", 3),
        ("한", 2),
        ("�", 1),
        ("␛[2J", 4),
    ],
)
def test_cell_width_of_each_kind_of_text(text, cells):
    assert cell_width(safe_text(text)) == cells


def test_decomposed_korean_is_as_wide_as_composed():
    assert cell_width(unicodedata.normalize("NFD", "한국")) == cell_width("한국") == 4


# -- shortening


def test_a_text_that_fits_stays_as_it_is():
    for cut in (shorten, shorten_start, shorten_counted, shorten_cells, cut_cells):
        assert cut("abcdef", 6) == "abcdef"


def test_a_longer_text_is_cut_and_marked_as_cut():
    assert shorten("abcdef", 5) == "abcd…"
    assert shorten_start("abcdef", 5) == "…cdef"
    assert shorten_counted("a" * 2_005, 5) == "aaaaa… 2,000 more characters"
    assert shorten_cells("abcdef", 5) == "abcd…"
    assert cut_cells("abcdef", 5) == "abcde"


@pytest.mark.parametrize(("cells", "cut", "short"), [(3, "漢", "漢…"), (2, "漢", "…"), (1, "", "…")])
def test_no_wide_character_is_cut_in_two(cells, cut, short):
    assert (cut_cells("漢字", cells), shorten_cells("漢字", cells)) == (cut, short)


def test_a_combining_mark_stays_with_its_letter():
    assert cut_cells("abe\u0301c", 3) == "abe\u0301"


@SETTINGS
@given(ANY_TEXT, st.integers(1, 70))
def test_a_shortened_text_fits_and_begins_as_the_whole(text, cells):
    safe = safe_text(text)
    for cut in (shorten_cells(safe, cells), cut_cells(safe, cells)):
        assert cell_width(cut) <= cells
        assert safe.startswith(cut.removesuffix("…"))
    assert len(shorten(safe, cells)) <= cells


@pytest.mark.parametrize(("right", "padded"), [(False, "漢  "), (True, "  漢")])
def test_a_text_is_padded_to_a_number_of_cells(right, padded):
    assert pad_cells("漢", 4, right=right) == padded
    assert pad_cells("漢字", 3, right=right) == "漢字", "what is wider stays"


# -- P16: Rich, `cell_width` and a terminal agree on the width of a text ---------------------------------------


@pytest.mark.slow
def test_rich_and_cell_width_agree_on_every_single_code_point():
    assert [char for char in _all_that_is_left() if cell_width(char) != cell_len(char)] == []


@SETTINGS
@given(ANY_TEXT)
@example("👩\u200d👩\u200d👧\u200d👦")
@example("1\ufe0f\u20e3")
@example("नमस्ते")
def test_rich_and_cell_width_agree_on_every_text(text):
    safe = safe_text(text)
    assert cell_width(safe) == cell_len(safe)
    assert [cell_width(line) for line in safe_lines(text)] == [cell_len(line) for line in safe_lines(text)]


@cache
def _terminal():
    screen = pyte.Screen(200, 1)
    return screen, pyte.Stream(screen)


def _cells_taken(text):
    screen, stream = _terminal()
    screen.reset()
    for char in text:  # one by one: after some combining marks pyte drops the rest of its input
        stream.feed(char)
    return screen.cursor.x


def test_a_terminal_agrees_with_cell_width_on_every_single_code_point():
    """Draws all safe characters in a terminal emulator."""
    alike = (
        "CJK",
        "HANGUL SYLLABLE",
        "EGYPTIAN",
        "TANGUT",
        "CUNEIFORM",
        "ANATOLIAN",
        "KHITAN",
        "YI SYLLABLE",
    )
    left = sorted(char for char in _all_that_is_left() if not unicodedata.name(char, "").startswith(alike))
    left += "漢한𓀀𗀀𒀀𔐀𘬀ꀀ"  # one of each script whose thousands of characters are equally wide
    for first in range(0, len(left), 90):
        some = "x" + "".join(left[first : first + 90])
        assert _cells_taken(some) == cell_width(some), ascii(some)


@SETTINGS
@given(ANY_TEXT)
def test_a_terminal_agrees_with_cell_width_on_every_text_and_changes_nothing_else(text):
    safe = f"x{safe_text(text)}"
    assert _cells_taken(safe) == cell_width(safe)
    screen, _ = _terminal()
    assert (screen.title, screen.icon_name, screen.cursor.y) == ("", "", 0)
    assert not screen.cursor.attrs.bold
