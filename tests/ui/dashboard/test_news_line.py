"""The line that says what is new and wrong: short where there is little room, never too wide, never markup."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.answers.failures import Count
from flowtui.model.answers.news import FailureNews
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.marks import Mark
from flowtui.text import safe_text
from flowtui.ui.dashboard.news_line import NewsContext, news_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE

NOW = 1_795_521_600.0  # 2026-11-24 12:00:00 UTC
NAMES = {"a": "checkout", "b": "billing", "c": "[b]多言語[/b]"}
TAX = FailureNews(
    "new",
    22,
    (Count("a", 13), Count("b", 9)),
    NOW - 2_000,
    NOW - 14,
    Reason("'tax_rate' is not in the order", "tool run_python"),
    Mark(NOW - 2_200, "release-42"),
)
FIRST = TAX._replace(kind="first", mark=None, begin=NOW - 30 * 86_400.0, runs=3)
SHARE = TAX._replace(kind="share", reason=None, mark=None, runs=19, ended=61, before=0.023)
CONTEXT = NewsContext(NAMES, NOW, UTC, UNICODE, {})


def text(news, cells=150, context=CONTEXT):
    return "".join(span.text for span in news_line(news, cells, context)).rstrip()


def words(*args):
    return " ".join(text(*args).split())


def test_a_wide_line_says_when_how_often_why_and_whose():
    assert words([TAX, FIRST]) == (
        "▲ new since release-42 22× 'tax_rate' is not in the order in run_python, checkout 13, billing 9, first 11:26"
        " and 1 more f failures"
    )
    assert words([FIRST]).startswith("▲ first in the 30 days remembered 3× 'tax_rate'")
    assert words([TAX._replace(kind="more")]).startswith("▲ more since release-42 22×")
    assert words([TAX._replace(kind="more", mark=None)]).startswith("▲ more than in the day before 22×")


def test_a_narrow_line_says_why_first():
    assert words([TAX], 80) == "▲ 22× 'tax_rate' is not in the order new since release-42 f failures"
    assert words([TAX], 50) == "▲ 22× 'tax_rate' is not in the order f failures"
    assert words([TAX], 30) == "▲ 22× 'tax_rate' is not in …"


def test_a_share_says_of_how_many_runs_and_what_was_before():
    assert words([SHARE]) == "▲ 31% failed in the last 2h 2% in the day before 19 of 61 runs f failures"
    alone = SHARE._replace(agents=(Count("a", 19),))
    assert "checkout" in words([alone])
    assert words([SHARE], 70) == "▲ 31% failed in the last 2h 2% in the day before f failures"


def test_in_ascii_all_own_signs_are_ascii():
    line = text([TAX._replace(agents=())], 150, CONTEXT._replace(glyphs=ASCII))
    assert line.isascii()
    assert line.startswith(" ^ new since release-42  22x 'tax_rate'")


def test_the_key_is_that_of_the_user():
    assert words([TAX], 150, CONTEXT._replace(user_keys={"failures": "x"})).endswith("x failures")


def test_names_are_no_markup_and_unknown_ones_are_ids():
    line = text([TAX._replace(agents=(Count("c", 3), Count("agent_7", 2), Count("", 1), Count("z", 1)))], 200)
    assert "[b]多言語[/b] 3, agent_7 2, — 1, 1 more agent" in line


def test_without_news_there_is_no_line():
    assert news_line((), 120, CONTEXT) == ()


@given(
    st.sampled_from([TAX, FIRST, SHARE, TAX._replace(kind="more")]),
    st.integers(0, 170),
    st.text(alphabet="a 漢é\u0301[]", max_size=40).map(safe_text),
    st.integers(1, 10**9),
    st.integers(0, 3),
)
def test_the_line_is_never_too_wide(one, cells, said, runs, more):
    one = one._replace(runs=runs, ended=runs)
    one = one if one.reason is None else one._replace(reason=Reason(said, f"tool {said}"))
    one = one if one.mark is None else one._replace(mark=Mark(NOW, said))
    line = news_line([one] * (more + 1), cells, CONTEXT._replace(agents={"a": said}))
    assert ink.width(line) <= max(cells, 24)
