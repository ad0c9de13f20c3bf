"""All that happened to a run is one line, and a search finds it by any of its events."""

from __future__ import annotations

from flowtui.model.events.event_log import FINDING, RUN, Event
from flowtui.model.events.folded import folded, matching

RUN_1, RUN_2 = ("thr", "run_1"), ("thr", "run_2")


def _event(at, word, key=RUN_1, kind=RUN):
    return Event(kind, at, word, "", key[1], key[0], key, word)


EVENTS = [
    _event(5.0, "failed"),
    _event(4.0, "queued", RUN_2),
    _event(3.0, "stalled", kind=FINDING),
    _event(2.0, "running"),
    _event(1.0, "queued"),
    Event("outage", 0.5, "stale", "502"),
]


def test_the_events_of_a_run_are_one_line_at_the_newest_and_all_others_stay():
    lines = folded(EVENTS)
    assert [line.event.word for line in lines] == ["failed", "queued", "stalled", "stale"]
    assert [event.word for event in lines[0].before] == ["queued", "running"]
    assert not any(line.before for line in lines[1:])
    before = folded(EVENTS[1:])
    assert before[2].identity == lines[0].identity, "the cursor stays on a run to which more happens"
    assert len({line.identity for line in lines}) == len(lines)


def test_a_search_finds_a_run_by_an_earlier_event_and_by_its_agent():
    lines = folded(EVENTS)
    agents = {RUN_1: "Checkout", RUN_2: "triage"}

    def found(words):
        return [line.event.word for line in matching(lines, words, lambda event: agents.get(event.key, ""))]

    assert found("run_1 running") == ["failed"]
    assert found("checkout") == ["failed", "stalled"]
    assert found("TRIAGE queued") == ["queued"]
    assert found("nothing") == []
    assert found(" ") == ["failed", "queued", "stalled", "stale"]
