"""How much is known of all threads."""

from __future__ import annotations

from flowtui.model.state.coverage import Coverage


def test_all_is_covered_when_only_threads_that_cannot_be_read_are_left():
    assert not Coverage(threads=2, read=1, unread=1).complete
    assert Coverage(threads=2, read=1, failed=1).complete
