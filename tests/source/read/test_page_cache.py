"""The newest page of a thread is recognised if it did not change, by its bytes or its digest, within a memory limit."""

from __future__ import annotations

import pytest

from flowtui.model.run.parsing import ParsedRuns
from flowtui.source.read.page_cache import LONGEST, PageCache


@pytest.mark.parametrize("room", [0, 100], ids=["digest", "whole"])
def test_an_equal_page_is_recognised(room):
    pages, parsed = PageCache(room), ParsedRuns([], None)
    assert pages.rows_of("t", b"[]") is None
    pages.keep("t", b"[]", parsed)
    assert pages.rows_of("t", bytes(bytearray(b"[]"))) is parsed
    assert pages.rows_of("t", b"[1]") is None
    assert pages.rows_of("u", b"[]") is None
    pages.drop("t")
    assert pages.rows_of("t", b"[]") is None


def test_kept_pages_never_exceed_the_limit():
    pages = PageCache(100)
    for number in range(50):
        pages.keep(f"t{number % 7}", bytes(number), ParsedRuns([], None))
        assert pages.held <= 100
    for number in range(7):
        pages.drop(f"t{number}")
    assert pages.held == 0


def test_a_long_page_is_not_kept():
    pages = PageCache()
    pages.keep("t", bytes(LONGEST + 1), ParsedRuns([], None))
    assert pages.held == 0
    assert pages.rows_of("t", bytes(LONGEST + 1)) is not None
    pages.keep("t", bytes(LONGEST), ParsedRuns([], None))
    assert pages.held == LONGEST
