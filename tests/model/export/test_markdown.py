"""Escaped Markdown: no text of a server becomes the border of a table, a link, an image or HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.export.markdown import fenced, markdown, table_head, table_row


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", r"a\|b"),
        ("<script>&", "&lt;script&gt;&amp;"),
        ("![x](http://y)", r"\!\[x\]\(http\:\/\/y\)"),
        ("`code`", r"\`code\`"),
        ("a\\|b", r"a\\\|b"),
        ("a\nb\r", "a␊b␍"),
        ("@team #1 www.x.y", r"\@team \#1 www\.x\.y"),
        ("\x1b[31m\u202e", r"␛\[31m�"),
        ("- a", r"\- a"),
    ],
)
def test_all_markup_is_escaped(text, written):
    assert markdown(text) == written


@given(st.text())
def test_a_cell_is_one_line_without_borders(text):
    row = table_row([markdown(text), "x"])
    assert row.isprintable()
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3


def test_a_table_head_aligns_columns_to_the_right():
    assert table_head(["a", "b", "c"], [False, True]) == ["| a | b | c |", "| --- | ---: | --- |"]


@pytest.mark.parametrize(
    ("lines", "fence"),
    [
        ([], "```"),
        (["a `b` c"], "```"),
        (["```", "x", "```"], "````"),
        (["`" * 9], "`" * 10),
    ],
)
def test_a_code_fence_is_longer_than_any_backticks_inside(lines, fence):
    assert fenced(lines, "sh") == [f"{fence}sh", *lines, fence]


@given(st.lists(st.text()))
def test_no_text_ends_a_code_block_early(lines):
    opened, *held, closed = fenced(lines)
    assert opened == closed
    assert len(held) == len(lines)
    assert not any(opened in line for line in held)
    assert all(line.isprintable() for line in held)
