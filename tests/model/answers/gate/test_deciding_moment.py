"""After how many runs a verdict was certain: a judgement on these runs alone gives it, one on fewer does not."""

from __future__ import annotations

from flowtui.model.answers.gate.deciding_moment import deciding_moment

from .sides import AGENTS, CUT, a_run, an_answer, some_runs

BASE = some_runs(100, 3, new=False)


def test_a_bad_release_was_certain_long_before_now():
    new = some_runs(120, 100, new=True)
    found = deciding_moment(an_answer(BASE, new), AGENTS)
    assert 5 <= found.runs < 30
    assert found.at == max(run.ended for run in new[: found.runs])
    assert an_answer(BASE, new[: found.runs]).verdict == "FAIL"
    assert an_answer(BASE, new[: found.runs - 1]).verdict == "INCONCLUSIVE"


def test_nothing_is_said_of_an_undecided_gate():
    assert deciding_moment(an_answer(BASE, some_runs(4, 2, new=True)), AGENTS) is None


def test_an_end_that_is_unknown_leaves_the_time_unknown():
    new = [run._replace(failed=None) for run in some_runs(40, 40, new=True)]
    assert deciding_moment(an_answer(BASE, new), AGENTS).at is None


def test_runs_that_have_not_ended_do_not_count():
    new = [a_run("open", CUT)._replace(status_class="running", completed=None), *some_runs(60, 60, new=True)]
    assert deciding_moment(an_answer(BASE, new), AGENTS).runs <= 10
