"""The last page of each thread: known again whether it is kept or only its digest, and never more than there is room."""

from __future__ import annotations

import pytest

from flowtui.model.run.parsing import ParsedRuns
from flowtui.source.read.page_cache import LONGEST, Heads


@pytest.mark.parametrize("room", [0, 100], ids=["digest", "whole"])
def test_a_page_is_known_again_and_another_is_not(room):
    heads, parsed = Heads(room), ParsedRuns([], None)
    assert heads.rows_of("t", b"[]") is None
    heads.keep("t", b"[]", parsed)
    assert heads.rows_of("t", bytes(bytearray(b"[]"))) is parsed
    assert heads.rows_of("t", b"[1]") is None
    assert heads.rows_of("u", b"[]") is None
    heads.drop("t")
    assert heads.rows_of("t", b"[]") is None


def test_what_is_kept_never_passes_the_room():
    heads = Heads(100)
    for number in range(50):
        heads.keep(f"t{number % 7}", bytes(number), ParsedRuns([], None))
        assert heads.held <= 100
    for number in range(7):
        heads.drop(f"t{number}")
    assert heads.held == 0


def test_a_long_page_is_not_kept():
    heads = Heads()
    heads.keep("t", bytes(LONGEST + 1), ParsedRuns([], None))
    assert heads.held == 0
    assert heads.rows_of("t", bytes(LONGEST + 1)) is not None
    heads.keep("t", bytes(LONGEST), ParsedRuns([], None))
    assert heads.held == LONGEST
