"""Which restored threads may be requested: those that the list of threads shows."""

from __future__ import annotations

from flowtui.source.poll.catch_up.restored_threads import RestoredThreads


def test_a_restored_thread_may_be_requested_once_the_list_shows_it():
    threads = RestoredThreads()
    threads.add("a", 10.0)
    threads.add("b", 5.0)
    assert (len(threads), threads.oldest) == (2, 5.0)
    assert [threads.askable(key) for key in ("a", "b", "new")] == [False, False, True]
    threads.on_list("b", 5.0)
    threads.on_list("new", None)
    assert threads.askable("b")
    assert threads.take_listed() == ["b"]
    assert threads.take_listed() == []
    threads.seen("b")
    assert (list(threads.observed), threads.oldest) == (["a"], 10.0)


def test_a_thread_that_the_whole_list_does_not_show_is_gone_until_it_is_shown_again():
    threads = RestoredThreads()
    threads.add("a", 10.0)
    threads.add("b", 5.0)
    assert threads.not_on_list({"a"}) == ["b"]
    assert (list(threads.observed), threads.gone, threads.askable("b")) == (["a"], {"b"}, False)
    threads.on_list("b", 5.0)
    assert (threads.gone, threads.askable("b"), threads.take_listed()) == (set(), True, ["b"])
