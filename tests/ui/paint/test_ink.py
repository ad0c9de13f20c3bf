"""Cutting, padding and wrapping by terminal cells: nothing too wide, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from flowtui.text import safe_text
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Span

ODD = "漢字ＷＩＤＥ👩‍👩‍👧‍👦🇩🇪é́́…—●한각ก็\u202e\x1b[2J[bold][/nope]"
TEXT = st.one_of(st.text(max_size=60), st.text(alphabet=ODD + " ab", max_size=60)).map(safe_text)
CELLS = st.integers(2, 40)  # a wide character needs two


@given(TEXT, CELLS, st.sampled_from(["left", "right"]))
def test_fit_returns_exactly_the_requested_cells(text, cells, align):
    assert cell_len(ink.fit(text, cells, align)) == cells


@given(TEXT, CELLS)
def test_cut_is_fit_without_the_padding(text, cells):
    cut = ink.cut(text, cells)
    assert ink.fit(text, cells) == cut + " " * (cells - cell_len(cut))
    assert cut == text if cell_len(text) <= cells else cut != text


@given(TEXT, CELLS)
def test_fit_keeps_what_fits_and_marks_a_cut(text, cells):
    fitted = ink.fit(text, cells)
    if cell_len(text) <= cells:
        assert fitted.startswith(text)
    else:
        assert ink.ELLIPSIS in fitted


@given(TEXT, CELLS)
def test_wrap_is_never_too_wide_and_loses_no_text(text, cells):
    lines = ink.wrap(text, cells)
    assert all(cell_len(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.lists(st.text(alphabet="abcdef", min_size=1, max_size=9), max_size=20), st.integers(9, 40))
def test_wrap_breaks_between_words_where_they_fit(words, cells):
    lines = ink.wrap(" ".join(words), cells)
    assert [word for line in lines for word in line.split()] == words


@given(st.lists(TEXT, max_size=5), st.integers(0, 40))
def test_a_strip_is_exactly_as_wide_as_its_widget(palette, texts, cells):
    strip = ink.strip([Span(text) for text in texts], palette, Style.null(), cells)
    assert strip.cell_length == cell_len(strip.text) == cells


@given(st.text("ab", max_size=30), st.lists(st.text("cd", max_size=9), max_size=4), st.integers(0, 60))
def test_spread_keeps_the_left_text_and_fills_the_line(left, right, cells):
    line = ink.spread([Span(left)], [Span(text) for text in right], cells)
    assert line[0].text == left
    assert ink.width(line) == max(cells, len(left))
    kept = "".join(span.text for span in line[2:])
    assert "".join(right).endswith(kept)


@pytest.mark.parametrize("text", ["", "a", "漢"])
@pytest.mark.parametrize("cells", [0, 1])
def test_a_width_of_zero_does_not_crash(text, cells):
    assert cell_len(ink.fit(text, cells)) == cells
    assert ink.wrap(text, cells)


@given(st.text(alphabet="ab/-  漢", max_size=200).map(safe_text), CELLS)
def test_with_joints_no_line_is_too_wide_and_no_text_is_lost(text, cells):
    lines = ink.wrap(text, cells, joints="/-")
    assert all(cell_len(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("mistralai/Mistral-Small-3.2-24B-Instruct", ["mistralai/Mistral-", "Small-3.2-24B-", "Instruct"]),
        ("a/bcdefghijklmnopqrstuvwxyz", ["a/bcdefghijklmnopqr", "stuvwxyz"]),
        ("model provider/name-of-it", ["model", "provider/name-of-it"]),
        ("provider/name-of-it (new)", ["provider/name-of-it", "(new)"]),
    ],
)
def test_a_name_is_broken_after_a_joint_in_its_second_half(text, lines):
    assert ink.wrap(text, 19, joints="/-") == lines


def test_markup_is_never_interpreted():
    text = "x[/nope]y [bold]z[@click=app.quit]"
    assert ink.fit(text, len(text)) == text
    assert "".join(ink.wrap(text, 20)) == text.replace(" ", "")


@given(st.text(alphabet="ab  漢é—\u0301", max_size=300).map(safe_text), st.integers(8, 30))
def test_wrapping_piece_by_piece_equals_wrapping_at_once(text, cells):
    assert ink.wrap(text, cells) == ink._wrap_stretch(text, cells)


def test_wrapping_grows_with_the_length_of_a_line_and_not_with_its_square(monkeypatch):
    measured = []
    monkeypatch.setattr(ink, "cell_len", lambda text: measured.append(len(text)) or len(text))
    for length in (2_000, 20_000):
        measured.clear()
        ink.wrap("word " * (length // 5), 40)
        work = sum(measured)
        assert work < 40 * length


ROLES = st.sampled_from(["text", "dim", "strong"])
LINES = st.lists(
    st.tuples(st.one_of(st.text("01 ab·—", max_size=6), TEXT), ROLES).map(lambda part: Span(*part)),
    max_size=4,
)


@given(st.tuples(LINES, LINES, LINES, LINES), st.integers(0, 60))
def test_painting_the_changed_range_gives_the_new_line(palette, parts, cells):
    left, before, after, right = parts
    old, new = (*left, *before, *right), (*left, *after, *right)
    shown, wanted = (ink.strip(line, palette, Style.null(), cells) for line in (old, new))
    change = ink.changed(old, new, cells)
    if change is None:
        assert _cells(shown) == _cells(wanted)
    else:
        first, last = change
        assert 0 <= first < last <= cells
        assert _cells(shown)[:first] == _cells(wanted)[:first]
        assert _cells(shown)[last:] == _cells(wanted)[last:]


@pytest.mark.parametrize(
    ("old", "new", "cells", "change"),
    [
        ([("next 5s", "text")], [("next 4s", "text")], 20, (5, 6)),
        ([("next 10s", "text")], [("next 9s", "text")], 20, (5, 20)),
        ([("a", "dim"), (" 12", "text")], [("a", "dim"), (" 13", "text")], 20, (3, 4)),
        ([("a", "dim"), ("b", "text")], [("a", "strong"), ("b", "text")], 20, (0, 1)),
        ([("日本 1", "text")], [("日本 2", "text")], 20, (0, 6)),  # from 0: a wide character could be cut
        ([("abcdef", "text")], [("abcdeg", "text")], 5, None),
        ([("a", "text")], [("a", "text")], 20, None),
        ([], [("a", "text")], 20, (0, 20)),
    ],
)
def test_the_changed_range_is_as_small_as_possible(old, new, cells, change):
    lines = (tuple(Span(*part) for part in line) for line in (old, new))
    assert ink.changed(*lines, cells) == change


def _cells(strip):
    """Return text and colours cell by cell; the right half of a wide character is empty."""
    cells = []
    for segment in strip:
        for character in segment.text:
            if (wide := cell_len(character)) == 0 and cells:
                cells[-1] = (cells[-1][0] + character, cells[-1][1])
            else:
                cells += [(character, segment.style), *[("", segment.style)] * (wide - 1)]
    return cells


def test_a_line_is_cut_in_the_last_span_that_fits_in_part():
    title = ink.line(("4 of 9 ", "strong"), ("12%", "failed"), (" in crm", "dim"))
    assert ink.cut_line(title, 17) == title
    assert ink.cut_line(title, 13) == ink.line(("4 of 9 ", "strong"), ("12%", "failed"), (" i…", "dim"))
    assert ink.cut_line(title, 10) == title[:2]
    assert ink.cut_line(title, 5) == ink.line(("4 of…", "strong"))
