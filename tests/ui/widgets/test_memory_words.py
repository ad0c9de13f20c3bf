"""What is said of runs that are not in memory."""

from __future__ import annotations

from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.widgets.memory_words import unread_words


def test_threads_that_were_not_read_yet_are_counted():
    read, unread = ThreadState("read", 1.0, observed=1.0), ThreadState("unread", 1.0)
    assert unread_words(Snapshot(2.0, {"read": read, "unread": unread})) == "1 of 2 threads not read yet"
    assert unread_words(Snapshot(2.0, {"read": read})) == ""
