"""How far back a list of runs is read: to a time, but a single wrong time does not end the reading."""

import pytest

from flowtui.headless.run_lists import back_to, created_before, ended_before

SINCE = 1_000.0


def run(created, status="completed", ended=None):
    return {"id": f"r{created}", "created_at": created, "status": status, "completed_at": ended}


@pytest.mark.parametrize(
    ("page", "by_creation", "by_end"),
    [
        ([], False, False),
        ([run(2000, ended=2100), run(1000, ended=1100)], False, False),
        ([run(2000, ended=2100), run(999, ended=999.5)], True, True),
        ([run(2000, ended=2100), run(999, ended=1001)], True, False),
        ([run(2000, ended=2100), run(999, "running")], True, False),
        ([run(2000, ended=2100), run(999, "odd")], True, True),
        ([run(998, ended=2100), run(997, ended=998)], True, False),
        ([run(2000), run(1), run(1500)], False, False),
        ([run(2000), run(999, ended=999), run("soon")], True, True),
        ([run("soon"), "no run", None], False, False),
    ],
)
def test_no_older_run_is_wanted(page, by_creation, by_end):
    assert created_before(SINCE)(page) is by_creation
    assert ended_before(SINCE)(page) is by_end


def test_pages_are_short_if_the_time_is_not_long_ago():
    reaches = created_before(SINCE)
    assert back_to(SINCE, reaches, SINCE + 600).page < back_to(SINCE, reaches, SINCE + 86_400).page
    assert back_to(SINCE, reaches, SINCE + 600).limit is None
