"""All pure functions that process server data: from bodies to rows, lists, tabs, files and judgements."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import UTC
from typing import Any, NamedTuple

from flowtui.config.settings import Settings
from flowtui.config.values.prices import Price, Prices
from flowtui.errors import UnreadableError
from flowtui.model.answers.recent_runs import RecentRuns
from flowtui.model.answers.since_release import ReleaseCounts
from flowtui.model.answers.spend.spend import GROUPINGS as SPENT_BY
from flowtui.model.answers.spend.spend import ORDERS, spend
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.events.event_log import EventLog, searched
from flowtui.model.events.folded import FoldedEvent
from flowtui.model.export.files import FILE_FORMATS, export_runs, row_text
from flowtui.model.export.json_text import to_json
from flowtui.model.export.records import run_record, thread_record
from flowtui.model.export.report import ReportInput, report
from flowtui.model.export.shell_commands import curl_command, page_address, run_command, watch_command
from flowtui.model.gate import parse_gate
from flowtui.model.gate.answer import Question, answer
from flowtui.model.messages.conversation import ReadMessages, add_page, conversation
from flowtui.model.messages.evidence import evidence
from flowtui.model.messages.message import parse_page
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.messages.why import reason_of
from flowtui.model.query.query import parse
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.cost import waste
from flowtui.model.run.fingerprint import fingerprint, fingerprints, page_extras
from flowtui.model.run.json_body import parse_elements
from flowtui.model.run.parsing import parse_agents, parse_detail, parse_run, parse_runs, parse_threads
from flowtui.model.run.raw_paths import paths_in
from flowtui.model.run.row import Run
from flowtui.model.state.known_runs import ThreadState, apply_runs, apply_thread
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.marks import Mark, deployments_of, parse_deployments
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.model.stats.usual_times import usual_times
from flowtui.model.timeline.lanes import group_runs, lane, thread_history
from flowtui.model.timeline.time_window import TimeRange
from flowtui.model.view.groups import GROUPINGS, Grouper, Grouping
from flowtui.model.view.sorting import sort_runs
from flowtui.source.read.span_discovery import Discovery
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import UNICODE as CHART
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.dashboard.outcomes import Outcomes, OutcomeStyle, outcome_lines
from flowtui.ui.events.rows import About, event_line
from flowtui.ui.grouping.agent_rows import AgentColumns, agent_rows
from flowtui.ui.grouping.rows import entry_line, entry_of
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.tab_lines import detail_lines
from flowtui.ui.run.tabs import TABS, tab_line
from flowtui.ui.table.edge import release_texts
from flowtui.ui.table.unusual import UnusualValues
from flowtui.ui.timeline.labels import detail_line

NAMES = ("meta_data.env", "tools[0].name", ".temperature", ".instructions", "usage.total_tokens")
FILTERS = (
    "status:failed or tokens>1k",
    "time>1s age<1d",
    "has:tokens error",
    'note:"x" -agent:a',
    "model:/a.*b/",
)
SETTINGS = Settings(base_url="https://flow.example", run_url="https://x.example/{thread}/{run}")
PRICES = Prices({"*": Price(0.5, 1.5)})
GATE = "failure_rate <= base + 5% and p95(duration) <= base * 1.5 and tokens_per_run <= base * 2"

_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class Bodies(NamedTuple):
    """A body of each endpoint, as bytes."""

    threads: bytes
    runs: bytes
    run: bytes
    messages: bytes
    spans: bytes
    agents: bytes


def check_safe(text: str) -> None:
    """Fail if a drawn text has a control or invisible character."""
    bad = [
        char
        for char in text
        if not char.isprintable() and char != "\n" and unicodedata.category(char) in _UNSAFE
    ]
    assert not bad, ascii(text)


def _text(spans: Iterable[Any]) -> str:
    return "".join(span.text for span in spans)


def taken_in(bodies: Bodies, before: Bodies, key: str, now: float) -> Snapshot:
    """Return the snapshot after an observation of valid bodies, one of the mutated ones, and of valid ones again."""
    states: dict[str, ThreadState] = {key: ThreadState(key, interval=2.0)}
    agents: dict[str, str] = {}
    for number, each in enumerate((before, bodies, before)):
        at = now - 6.0 + number
        for thread in parse_threads(each.threads).rows:
            if thread.key:
                state = states.get(thread.key) or ThreadState(thread.key, interval=2.0)
                states[thread.key] = apply_thread(state, thread, at=at)
        parsed = parse_runs(each.runs, key)
        wanted = {row.raw_id for row in parsed.rows}
        states[key], _ = apply_runs(
            states[key],
            parsed.rows,
            at=at,
            whole=parsed.error is None and number != 1,
            configs=fingerprints(each.runs, wanted),
            extras=page_extras(each.runs, NAMES),
        )
        agents |= parse_agents(each.agents)
        parse_deployments(each.agents)
        if number == 1:
            spoilt = Snapshot(at, dict(states), dict(agents), listed=True)
    lasting = {raw_id for raw_id, run in spoilt.threads[key].runs.items() if not run.placeholder}
    assert lasting <= states[key].runs.keys()
    return spoilt


def context_of(snapshot: Snapshot, now: float) -> Context:
    runs = list(snapshot.runs())
    return Context(
        now=now,
        agents=snapshot.agents,
        threads=snapshot.threads,
        zone=UTC,
        prices=PRICES,
        usual=usual_times(runs),
        lineage=Lineage(runs),
        marks=(Mark(now - 1800.0, "release 12"),),
        reasons={run.key: Reason("no answer") for run in runs if run.status_class == "failed"},
    )


def walk_lists(snapshot: Snapshot, bodies: Bodies, now: float) -> None:
    """Compute everything that uses lists of runs."""
    context = context_of(snapshot, now)
    runs = list(snapshot.runs())
    for column in (*COLUMNS.values(), *map(find_column, NAMES)):
        for run in runs:
            check_safe(column.text(run, context))
            column.value(run, context)
        for descending in (False, True):
            assert len(sort_runs(runs, column, context, descending=descending)) == len(runs)
    for form in FILE_FORMATS:
        check_safe("".join(export_runs(runs, list(COLUMNS), context, form, chosen="all")))
    for words in FILTERS:
        meets = parse(words).matcher(context)
        sum(map(meets, runs))
    _walk_groups(snapshot, context, runs, now)
    _walk_judges(snapshot, context, runs, now)
    _walk_elements(bodies, context, now)


def _walk_judges(snapshot: Snapshot, context: Context, runs: list[Run], now: float) -> None:
    log = EventLog(now - 60.0)
    log.take((), snapshot, context)
    for event in (*log.events, *log.check(snapshot, now)):
        line = event_line(FoldedEvent(event), 100, About("agent"), glyphs=UNICODE, zone=UTC)
        check_safe(_text(line))
        searched(event)
    asked = Question(Mark(now - 1800.0, "release 12"), 3600.0, parse_gate(GATE), 5, by_agent=True)
    answer(asked, snapshot, context.reasons)
    _walk_left_column(snapshot, context, runs, asked.mark)


def _walk_left_column(snapshot: Snapshot, context: Context, runs: list[Run], mark: Mark) -> None:
    recent = RecentRuns(7_200.0, PRICES)
    recent.take(Update(snapshot))
    recent.fill(runs, None)
    axis = TimeAxis.rolling(7_200.0, context.now, 29)
    found = recent.recent(axis.since, axis.step, axis.cells)
    columns = AgentColumns.laid_out(31)
    drawn = [columns.line(row, 1.0, CHART, UNICODE, marked=False) for row in agent_rows(found, context, None)]
    style = OutcomeStyle(CHART, UNICODE, Scales(), UTC)
    drawn += outcome_lines(Outcomes(found, axis, [mark], 7), style, 20)
    counted = ReleaseCounts().count(snapshot, mark, None, "")
    drawn += release_texts(counted, "", context.now, CHART)
    values = UnusualValues()
    drawn += [values.of(run, context).note(run) for run in runs]
    for line in drawn:
        check_safe(_text(line))


def _walk_elements(bodies: Bodies, context: Context, now: float) -> None:
    for value in parse_elements(bodies.runs).values:
        check_safe(to_json(run_record(value, parse_run(value, "thr"), context)))
    for value, thread in zip(
        parse_elements(bodies.threads).values, parse_threads(bodies.threads).rows, strict=True
    ):
        check_safe(to_json(thread_record(value, thread)))
    found, _ = parse_deployments(bodies.agents)
    deployments_of("a", found)
    discovery = Discovery()
    plan = discovery.plan(now, 5.0)
    try:
        next(plan)
        while True:
            plan.send(parse_elements(bodies.spans).values)
    except (StopIteration, UnreadableError):
        pass


def _walk_groups(snapshot: Snapshot, context: Context, runs: list[Run], now: float) -> None:
    for by in GROUPINGS:
        for group in Grouper().of(snapshot, Grouping(by), context):
            check_safe(_text(entry_line(entry_of(group, by, snapshot, now), now, 30, UNICODE, chosen=False)))
    for by in SPENT_BY:
        found = spend(runs, by, now - 86_400.0, now, step=360.0, prices=PRICES, releases=[now - 60.0])
        for order in ORDERS:
            found.ordered(order)
    waste(runs)
    for members in group_runs(runs).values():
        window = TimeRange().window(now, 80)
        lane(thread_history(members), window, now)
    for run in runs:
        check_safe(row_text(run, list(COLUMNS), context).replace("\t", " "))
        check_safe(_text(detail_line(run, context, UNICODE, "", 100)))
        for line in (curl_command(run, SETTINGS), run_command(run, SETTINGS), watch_command(run, SETTINGS)):
            check_safe(line)
        page_address(SETTINGS.run_url or "", run)


def raw_of(body: bytes) -> dict[str, Any] | None:
    """Return the run of a body with all its fields, None where it is invalid."""
    try:
        return parse_detail(body)
    except UnreadableError as error:
        check_safe(str(error))
        return None


def walk_run(snapshot: Snapshot, bodies: Bodies, before: Bodies, key: str, now: float) -> None:
    """Compute everything that uses one opened run."""
    context = context_of(snapshot, now)
    raw, other = raw_of(bodies.run), raw_of(before.run)
    run = parse_run(raw, key)
    elements = parse_elements(bodies.messages).values
    messages = list(parse_page(elements, run.raw_id))
    reading = add_page(ReadMessages(), messages, newest=True)
    talk = conversation(reading, run)
    found = evidence(parse_elements(bodies.spans).values, elements, run.raw_id)
    said = reason_of(found)
    check_safe("" if said is None else "".join(map(str, said)))
    against = Opened(parse_run(other, key), other)
    opened = Opened(run, raw, "", Loaded(talk, "", now), Loaded(found, "", now), against, selected=True)
    flipped = Opened(against.run, other, "", opened.conversation, opened.evidence, Opened(run, raw))
    for cells in (38, 100):
        render = RenderContext(context, UNICODE, cells)
        for tab in range(len(TABS)):
            for each in (opened, flipped):
                for line in detail_lines(tab, each, render):
                    check_safe(_text(line.spans))
                check_safe(_text(tab_line(tab, each, cells)))
    for redact in (False, True):
        check_safe(
            report(
                ReportInput(
                    run=run, context=context, settings=SETTINGS, raw=raw, evidence=found, redact=redact
                )
            )
        )
    if raw is not None:
        fingerprint(raw)
        paths_in([raw])
        check_safe(to_json(run_record(raw, run, context)))
