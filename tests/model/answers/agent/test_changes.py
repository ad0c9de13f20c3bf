"""Releases of an agent, and changes of configuration from one run to the next."""

from __future__ import annotations

from flowtui.model.answers.agent.changes import DEPLOYED, MANY, ConfigLine, agent_changes, releases_of
from flowtui.model.history.past import RunConfig
from flowtui.model.state.marks import Deployment, Mark

from ....store.remembering import BEGIN, run


def line_of(configs):
    """Return the line of runs with these configurations, created a second apart, taken in another order."""
    line = ConfigLine()
    found = [RunConfig(BEGIN + n, f"run-{n}", "thread-1", config) for n, config in enumerate(configs)]
    line.fill(found[::2])
    for each in found[1::2]:
        line.take(run(each.raw_id, created=each.created), each.config)
    return line


def test_changes_from_one_run_to_the_next():
    line = line_of("aabba")
    assert [(each.at - BEGIN, each.old, each.config) for each in line.changes()] == [
        (2, "a", "b"),
        (4, "b", "a"),
    ]
    assert line.changes()[0].run == ("thread-1", "run-2")
    assert line.changes()[0].before == ("thread-1", "run-1")
    line.take(run("run-9", created=BEGIN + 9), "")
    line.take(run("run-8", created=None), "c")
    assert len(line.changes()) == 2, "what is unknown is no change"
    line.take(run("run-4", created=BEGIN + 4), "b")
    assert len(line.changes()) == 1, "a run has its newest configuration"


def test_only_changes_of_the_range_and_the_releases_in_it():
    releases = releases_of(
        "agent-1",
        [Mark(BEGIN + 3, "release-2"), Mark(BEGIN - 5, "release-1")],
        [Deployment("agent-2", "billing", BEGIN + 1), Deployment("agent-1", "checkout", BEGIN + 2)],
    )
    found = agent_changes(releases, line_of("ababb").changes(), BEGIN + 2, BEGIN + 60)
    assert [mark.name for mark in found.releases] == [DEPLOYED, "release-2"]
    assert [each.at - BEGIN for each in found.configs] == [2, 3]
    assert found.more == 0


def test_of_many_changes_only_those_to_a_new_configuration():
    changes = line_of("ab" * MANY + "c").changes()
    found = agent_changes([], changes, BEGIN + 2, BEGIN + 60)
    assert [(each.config, each.at - BEGIN) for each in found.configs] == [("c", 2 * MANY)]
    assert found.more == len(changes) - 2
    found = agent_changes([], changes, BEGIN, BEGIN + 60)
    assert [each.config for each in found.configs] == ["b", "c"]
