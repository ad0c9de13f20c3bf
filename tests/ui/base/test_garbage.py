"""The search for garbage is put off, and then goes on as before."""

from __future__ import annotations

import gc

import pytest

from flowtui.ui.base.garbage import Searches


@pytest.mark.parametrize("before", [True, False])
def test_it_is_off_until_the_last_holder_is_done_and_then_as_it_was(before):
    searches, seen = Searches(), []
    if not before:
        gc.disable()
    try:
        first, second = searches.put_off(), searches.put_off()
        first.__enter__()
        second.__enter__()
        seen.append(gc.isenabled())
        first.__exit__(None, None, None)
        seen.append(gc.isenabled())
        second.__exit__(None, None, None)
        assert [*seen, gc.isenabled()] == [False, False, before]
    finally:
        gc.enable()
