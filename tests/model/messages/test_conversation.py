"""Pages of a thread's messages: how they are merged, where gaps are, and when a run's messages are complete."""

from __future__ import annotations

import pytest

from flowtui.model.messages.conversation import (
    Neighbours,
    ReadMessages,
    add_page,
    conversation,
    covers,
    neighbours,
)
from flowtui.model.messages.message import Message

NOW = 1_800_000_000.0


def page(*numbers, run="run_1", created=True):
    """Return messages in the server's order, newest first; message n was written at second n."""
    return [
        Message(f"m{number}", f"m{number}", "", "user", NOW + number if created else None, "", run)
        for number in numbers
    ]


def keys(stretch):
    return [message.key for message in stretch]


def reading_of(*pages):
    reading = ReadMessages()
    for number, messages in enumerate(pages):
        reading = add_page(reading, messages, newest=number == 0)
    return reading


def test_overlapping_pages_are_merged():
    reading = reading_of(page(9, 8, 7), page(7, 6, 5))
    assert keys(reading.linked) == ["m9", "m8", "m7", "m6", "m5"]
    assert reading.size == 5


def test_a_page_read_again_replaces_its_messages_in_place():
    reading = reading_of(page(9, 8, 7))
    grown = [message._replace(role="assistant") for message in page(9, 8)]
    reading = add_page(reading, grown, newest=True)
    assert [message.role for message in reading.linked] == ["assistant", "assistant", "user"]


def test_messages_of_the_same_second_keep_the_servers_order():
    same = [message._replace(created=NOW) for message in page(3, 1, 2, 5, 4)]
    reading = reading_of(same[:3], same[2:])
    assert keys(reading.linked) == ["m3", "m1", "m2", "m5", "m4"]
    untimed = reading_of(page(9, 8), page(8, 3, 5, created=False))
    assert keys(untimed.linked) == ["m9", "m8", "m3", "m5"]


def test_there_is_a_gap_below_a_newest_page_without_overlap_until_a_page_fills_it():
    reading = add_page(reading_of(page(3, 2, 1)), page(9, 8), newest=True)
    assert (keys(reading.linked), [keys(old) for old in reading.beyond]) == (
        ["m9", "m8"],
        [["m3", "m2", "m1"]],
    )
    elsewhere = add_page(reading, page(20, 19), newest=False)
    assert elsewhere == reading
    reading = add_page(reading, page(8, 7, 6), newest=False)
    assert keys(reading.linked) == ["m9", "m8", "m7", "m6"]
    reading = add_page(reading, page(6, 5, 4, 3), newest=False)
    assert keys(reading.linked) == [f"m{number}" for number in range(9, 0, -1)]
    assert reading.beyond == ()


def test_a_page_below_a_gap_does_not_fill_it():
    reading = add_page(reading_of(page(3, 2)), page(9, 8), newest=True)
    reading = add_page(reading, page(2, 1), newest=False)
    assert keys(reading.linked) == ["m9", "m8"]
    assert [keys(old) for old in reading.beyond] == [["m3", "m2", "m1"]]


def test_an_empty_page_changes_nothing():
    reading = reading_of(page(2, 1))
    assert add_page(reading, [], newest=True) == reading


def test_a_run_is_covered_if_an_older_message_or_the_start_of_the_thread_was_read(a_run):
    run = a_run("run_1", created=NOW + 5, status="completed", completed=NOW + 9)
    assert not covers(reading_of(page(9, 8)), run)
    assert not covers(reading_of(page(9, 8), page(8, 2)), run)
    assert covers(reading_of(page(9, 8), page(8) + page(2, run="run_0")), run)
    assert not covers(reading_of(page(9, 8), page(8) + page(2, run=None)), run)
    assert covers(reading_of(page(9, 8), page(8) + page(3, 2, 1, 0, -1, -2, run=None)), run)
    assert covers(reading_of(page(9, 8))._replace(bottom="m8"), run)
    assert covers(ReadMessages(bottom=""), run)
    assert not covers(reading_of(page(9))._replace(bottom=""), run)
    unknown = a_run("run_1", created=None)
    assert not covers(reading_of(page(9) + page(2, run="run_0")), unknown)


def test_gaps_are_reported_until_the_run_is_covered(a_run):
    run = a_run("run_1", created=NOW + 1)
    reading = add_page(reading_of(page(3, 2) + page(-5, run="run_0")), page(9, 8), newest=True)
    talk = conversation(reading, run)
    assert keys(talk.messages) == ["m2", "m3", "m8", "m9"]
    assert (talk.complete, talk.gaps, talk.others, talk.read) == (False, frozenset({"m8"}), 1, 5)
    joined = conversation(add_page(reading, page(8, 7, 3), newest=False), run)
    assert (joined.complete, joined.gaps) == (True, frozenset())


def asked(run, beside, *seconds, role="user"):
    """Return which messages that name no run belong to the run, by the second at which they were written."""
    read = [message._replace(role=role) for message in page(*sorted(seconds, reverse=True), run=None)]
    talk = conversation(reading_of(read), run, beside)
    return [int(key[1:]) for key in keys(talk.messages)], talk.probable


def test_a_users_message_belongs_to_the_run_created_next(a_run):
    """Also while an earlier run goes on, and however old it is."""
    run = a_run("run_1", created=NOW + 5000, status="completed", completed=NOW + 5100)
    beside = Neighbours(NOW + 100, NOW + 5050)
    assert asked(run, beside, 99, 100, 101, 102, 4900, 5000, 5001, 5049) == ([102, 4900, 5000, 5001], {})
    assert asked(run, Neighbours(None, None), -90_000, 0, 5000, 5002) == ([-90_000, 0, 5000], {})
    untimed = [message._replace(role="user") for message in page(8, run=None, created=False)]
    assert conversation(reading_of(untimed), run, beside).messages == ()


@pytest.mark.parametrize(
    ("before", "at", "after", "belongs"),
    [
        (0.0, 0.4, 10.0, False),  # nearer to the run before, whose clock may differ
        (9.2, 9.7, 20.0, True),
        (9.7, 9.8, 20.0, False),
        (0.0, 10.4, 20.0, True),
        (0.0, 10.4, 10.5, False),
        (0.0, 11.1, None, False),
    ],
)
def test_a_users_message_within_a_second_after_a_creation_belongs_to_the_nearer_run(
    a_run, before, at, after, belongs
):
    run = a_run("run_1", created=NOW + 10)
    read = [Message("m", "m", "", "USER", NOW + at, "", None)]
    beside = Neighbours(NOW + before, None if after is None else NOW + after)
    assert (conversation(reading_of(read), run, beside).messages != ()) is belongs


def test_a_message_without_a_run_is_only_probable_if_it_is_no_users_or_the_run_before_is_unknown(a_run):
    run = a_run("run_1", created=NOW + 5, status="completed", completed=NOW + 9)
    assert asked(run, None, 3, 7)[1] == {"m3": "before", "m7": "during"}
    assert asked(run, Neighbours(NOW, None), 3, 7, role="assistant")[1] == {"m3": "before", "m7": "during"}


def test_neighbours_are_the_runs_created_right_before_and_after(a_run):
    runs = [a_run(f"run_{number}", created=at) for number, at in enumerate((9.0, 5.0, None, 2.0, 5.0))]
    assert neighbours(runs[1], runs, whole=False) == Neighbours(2.0, 9.0)
    assert neighbours(runs[0], runs, whole=False) == Neighbours(5.0, None)
    assert neighbours(runs[3], runs, whole=True) == Neighbours(None, 5.0)
    assert neighbours(runs[3], runs, whole=False) is None
    assert neighbours(runs[2], runs, whole=True) is None


def test_messages_with_unreadable_times_keep_their_place(a_run):
    run = a_run("run_1", created=NOW + 1, status="completed", completed=NOW + 9)
    between = page(7, run=None, created=False)
    talk = conversation(reading_of(page(8) + between + page(6)), run)
    assert keys(talk.messages) == ["m6", "m7", "m8"]
    assert talk.probable == {"m7": "during"}
