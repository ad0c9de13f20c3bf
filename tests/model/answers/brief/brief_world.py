"""Makes the input of the brief from all rows of a world, as a history would: in the plainest way."""

from __future__ import annotations

from flowtui.model.answers.brief.inputs import BriefInput, UsualOutcomes
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import Seen
from flowtui.model.run.row import FAILED
from flowtui.model.stats.usual_times import usual_times

DAY = 86_400.0


def brief_input(world, since, now, *, begin, prices=None):
    ended = [run for run in world.rows if run.terminal and run.ended is not None]
    earlier = [run for run in ended if run.ended < since]
    runs = [run for run in ended if since <= run.ended < now]
    usual, seen = {}, {}
    for agent in {run.agent_id for run in earlier}:
        own = [run for run in earlier if run.agent_id == agent]
        usual[agent] = UsualOutcomes(len(own), sum(run.status_class == FAILED for run in own))
    for run in earlier:
        reason = world.why.get(run.key)
        if reason is not None:
            old = seen.get(reason, Seen(0, run.ended, run.ended))
            seen[reason] = Seen(old.runs + 1, min(old.first, run.ended), max(old.last, run.ended))
    keys = {run.key for run in runs}
    return BriefInput(
        since=since,
        until=now,
        now=now,
        runs=runs,
        active=[run for run in world.rows if run.active],
        names=world.names,
        reasons={key: why for key, why in world.why.items() if key in keys},
        seen=seen,
        usual=usual,
        usual_since=begin,
        new_agents={run.agent_id for run in runs} - {run.agent_id for run in earlier},
        times=usual_times(earlier),
        before=[run for run in earlier if since - DAY <= run.ended < now - DAY],
        before_since=since - DAY,
        begin=begin,
        coverage=coverage(world.spans, since, now),
        marks=sorted(world.marks),
        prices=prices,
    )
