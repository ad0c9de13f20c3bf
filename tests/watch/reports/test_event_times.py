"""The times of the events of a run ascend, and are changed only if they would not."""

from flowtui.watch.events import Event
from flowtui.watch.reports.event_times import EventTimes


def event(at, run_id="run_1", **fields):
    return Event("run.status", at, {"thread_id": "thr_a", "run_id": run_id, **fields})


def test_an_event_is_not_dated_before_the_last_one_of_its_run():
    times = EventTimes()
    told = [event(5.0), event(3.0, observed_between=[1, 3]), event(4.0, "run_2"), event(7.0), event(6.0)]
    dated = [times.dated(each) for each in told]
    assert [each.at for each in dated] == [5.0, 5.0, 4.0, 7.0, 7.0]
    assert dated[1].fields["observed_between"] == [1, 3]
    assert dated[3] is told[3]


def test_events_about_no_run_keep_their_time():
    times = EventTimes()
    assert [times.dated(Event("heartbeat", at)).at for at in (5.0, 4.0)] == [5.0, 4.0]
