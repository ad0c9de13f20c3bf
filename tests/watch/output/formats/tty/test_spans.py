"""Lines of spans: their width, cutting, padding, wrapping."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtui.text import cell_width, safe_text
from flowtui.watch.output.formats.tty.spans import cut, padded, width, wrap
from flowtui.watch.output.terminal import Span


def text(line):
    return "".join(span.text for span in line)


@given(st.text(max_size=200).map(safe_text), st.integers(4, 60), st.integers(1, 4))
def test_wrapped_lines_fit_and_lose_nothing_but_blanks_unless_they_say_so(words, cells, most):
    lines = wrap(words, cells, most)
    assert len(lines) <= most
    assert all(cell_width(line) <= cells for line in lines)
    whole = "".join(words.split(" "))
    told = "".join("".join(lines).split(" "))
    assert told == whole or (told.endswith("…") and len(lines) == most)


@given(st.lists(st.text(max_size=20).map(safe_text), max_size=5), st.integers(1, 40))
def test_a_line_is_cut_or_padded_to_its_width(texts, cells):
    line = [Span(each) for each in texts]
    assert width(cut(line, cells)) <= cells
    assert width(padded(line, cells)) == cells
    if width(line) <= cells:
        assert text(cut(line, cells)) == text(line)
