"""The card of a run in each status, at each width, with what is known and without it."""

from __future__ import annotations

from datetime import UTC

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.model.answers.failures import Count
from flowtui.model.answers.reason_news import News
from flowtui.model.answers.run.same_reason import SameReason
from flowtui.model.columns.context import Context
from flowtui.model.messages.evidence import evidence
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.marks import Mark
from flowtui.ui.charts.signs import ASCII as CHART_ASCII
from flowtui.ui.charts.signs import UNICODE as CHART_UNICODE
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.run.card.card import card_lines
from flowtui.ui.run.card.fields_section import FOLD
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.why_tab import why_lines

NOW = 1_800_000_000.0  # 08:00:00 UTC
RAW = {
    "id": "run_x",
    "object": "thread.run",
    "thread_id": "thr_1",
    "temperature": 1.0,
    "meta_data": {},
    "tools": [],
}
SPANS = [
    {"run_id": "run_x", "span_id": "a", "span_name": "agent run shop", "start_timestamp": NOW - 23},
    *(
        {
            "run_id": "run_x",
            "span_id": f"s{number}",
            "parent_span_id": "a",
            "span_name": "chat llama" if number % 2 else "running tool crm",
            "start_timestamp": NOW - 22 + number,
            "end_timestamp": NOW - 21 + number,
        }
        for number in range(18)
    ),
    {
        "run_id": "run_x",
        "span_id": "z",
        "parent_span_id": "a",
        "span_name": "running tool run_python",
        "start_timestamp": NOW - 4,
        "end_timestamp": NOW - 3,
        "is_exception": True,
        "exception_type": "KeyError",
        "message": "502 Bad Gateway",
    },
]
FOUND = Loaded(evidence(SPANS, [], "run_x"), "", NOW)
TIMES = {
    "queued": {"created": NOW - 26},
    "running": {"created": NOW - 30, "started": NOW - 24, "expires": NOW + 540},
    "completed": {"created": NOW - 30, "started": NOW - 24, "completed": NOW - 3},
    "failed": {"created": NOW - 30, "started": NOW - 24, "failed": NOW - 3},
    "cancelled": {"created": NOW - 30, "started": NOW - 24, "cancelled": NOW - 3},
    "zombie": {"created": NOW - 30},
    None: {"created": NOW - 30, "failed": NOW - 3},
}


@pytest.fixture
def world(a_run):
    """Return a function that makes a run after ten completed ones of its agent, and what its card depends on."""

    def make(status="failed", *, name="refunds", reason="", cells=158, glyphs=UNICODE, **more):
        others = [
            a_run(
                f"run_{number}",
                "completed",
                created=NOW - 500 + 20 * number,
                started=NOW - 498 + 20 * number,
                completed=NOW - 488 + 20 * number,
                agent_id="agent_1",
                usage={"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000},
            )
            for number in range(10)
        ]
        run = a_run("run_x", status, agent_id="agent_1", usage={"total_tokens": 1000}, **TIMES[status])
        runs = {each.raw_id: each for each in (run, *reversed(others))}
        context = Context(
            now=NOW,
            zone=UTC,
            agents={"agent_1": name},
            threads={"thr_1": ThreadState("thr_1", 2.0, runs=runs)},
            lineage=Lineage(runs.values()),
            prices=Prices({"*": Price(1.0, 1.0)}),
            reasons={run.key: Reason(reason, "tool run_python")} if reason else {},
        )
        signs = CHART_ASCII if glyphs is ASCII else CHART_UNICODE
        render = RenderContext(context, glyphs, cells, frozenset({FOLD}), signs, **more)
        return run, Opened(others[-1], {**RAW, "temperature": 0.7}), render

    return make


def _texts(opened, render):
    lines = card_lines(opened, render)
    for line in lines:
        assert ink.width(line.spans) <= render.cells, line
    texts = ["".join(span.text for span in line.spans) for line in lines]
    assert all(text.isprintable() for text in texts)
    return texts


@pytest.mark.parametrize("cells", [60, 78, 100, 112, 150])
def test_on_a_page_no_word_about_the_reason_is_cut(world, cells):
    agents = [Count("billing", 20), Count("多言語-concierge", 2)]
    same = SameReason(
        Reason("agent is away"),
        22,
        [NOW, NOW - 200],
        agents,
        News("new", Mark(NOW - 300, "release-42")),
        NOW - 2e5,
    )
    run, _, render = world(reason="agent is away", cells=cells, opened=True, same_reason=same)
    texts = _texts(Opened(run, RAW, evidence=FOUND), render)
    end = next(place for place, text in enumerate(texts) if text.startswith("Against usual"))
    head = " ".join(" ".join(texts[:end]).split())
    for words in ("in run_python, 21s after the start", "22 times since", "also in ", "new since release-42"):
        assert words in head, head
    assert "…" not in head


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        (158, ", also in billing, triage, support and 2 more"),
        (125, ", also in billing and 4 more"),
        (117, ", also in 5 other agents"),
    ],
)
def test_where_few_cells_are_left_fewer_agents_are_named_and_the_news_is_not_cut(world, cells, named):
    names = ("billing", "triage", "support", "research", "checkout")
    reason, agents = Reason("agent is away", "tool crm"), [Count(name, 2) for name in names]
    same = SameReason(reason, 22, [NOW, NOW - 200], agents, News("new", Mark(NOW - 300, "release-42")))
    run, last, render = world(reason="agent is away", cells=cells, same_reason=same)
    second = _texts(Opened(run, RAW, last_completed=last), render)[1]
    assert f"22 times since 07:56{named}   new since release-42" in second
    assert "…" not in second


def test_a_failed_run_says_its_reason_once_what_it_did_and_what_changed(world):
    run, last, render = world(reason="'tax_rate' is not in the order", opened=True)
    texts = _texts(Opened(run, RAW, evidence=FOUND, last_completed=last), render)
    whole = "\n".join(texts)
    assert texts[0].startswith("× failed  'tax_rate' is not in the order  ")
    assert texts[0].endswith("refunds   thr_1")
    assert "in run_python, 21s after the start" in texts[1]
    assert whole.count("tax_rate") == 1
    for words in (
        "the last 10 runs of refunds before it that completed",
        "20 spans, 10 tool calls",
        "against run_9, the last",
        "temperature   0.7",
        "→  1.0",
        "run_python",
        "502",
        "steps more, 5 shows all",
        "Around it  thr_1",
        "are hidden, Z shows them, 9 is all of it",
    ):
        assert words in whole
    (time,) = (text for text in texts if text.startswith("time "))
    assert "00:21" in time
    assert "00:10" in time


@pytest.mark.parametrize("status", list(TIMES))
@pytest.mark.parametrize("known", ["all", "nothing"])
def test_each_status_has_a_card_at_each_width(world, status, known):
    for cells, rows, glyphs in ((158, None, UNICODE), (84, 9, ASCII), (76, 4, UNICODE), (40, None, ASCII)):
        run, last, render = world(status, name="多言語-concierge" * 3, cells=cells, rows=rows, glyphs=glyphs)
        whole = Opened(run, RAW, evidence=FOUND, last_completed=last) if known == "all" else Opened(run)
        texts = _texts(whole, render)
        word = {"zombie": "zombie?", None: "failed"}.get(status, status)
        assert word in texts[0]
        assert any("API fields" in text for text in texts)
        if known == "nothing" and run.status_class != "queued":
            assert any("press enter for its steps" in text for text in texts)


def test_four_lines_answer_in_a_low_pane(world):
    run, last, render = world(reason="agent is away", cells=74, rows=4)
    texts = _texts(Opened(run, RAW, last_completed=last), render)[:4]
    for place, words in enumerate(
        ("agent is away", "in run_python, after 21s", "tokens    1,000", "1 change")
    ):
        assert words in texts[place]


def test_a_placeholder_and_a_run_without_times_say_what_is_not_known(world):
    _, _, render = world(cells=100, opened=True)
    run = parse_run({"status": "failed"}, "thr_1")
    whole = "\n".join(_texts(Opened(run), render))
    assert "unreadable" in whole
    assert "the server sent it without an id" in whole
    assert "The API gives no time of this run" in whole
    assert "no agent is named" in whole


@pytest.mark.parametrize("cells", [30, 60, 90, 200])
def test_text_of_a_server_is_drawn_as_text(world, cells):
    nasty = "\x1b[2J[/nope]\u202e漢字" * 30
    spans = [{**span, "span_name": nasty, "message": nasty, "exception_type": nasty} for span in SPANS[1:]]
    run, last, render = world(reason="[/nope] 漢字" * 30, cells=cells, opened=True)
    raw = {**RAW, "meta_data": {nasty: nasty}, "tools": [{"type": nasty}], "instructions": nasty}
    found = Loaded(evidence(spans, [], "run_x"), "", NOW)
    _texts(Opened(run, raw, evidence=found, last_completed=last), render)


def test_why_says_which_values_are_not_as_usual_and_what_is(world):
    run, last, render = world(reason="'tax_rate' is not in the order", opened=True)
    opened = Opened(run, RAW, evidence=FOUND, last_completed=last)
    texts = ["".join(span.text for span in line.spans) for line in why_lines(FOUND, opened, (), render)]
    (said,) = [text for text in texts if "against usual" in text]
    assert said.split("against usual  ")[1].split() == [
        "time",
        "00:21",
        "usual",
        "00:10",
        "wait",
        "6.0s",
        "usual",
        "2s",
    ]
    assert texts[-1].startswith("Rests on 20 spans of this run")
