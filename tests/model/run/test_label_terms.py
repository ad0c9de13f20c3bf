"""Which runs have the wanted group and labels, and the query that asks for them."""

from __future__ import annotations

import pytest

from flowtui.model.run.label_terms import ANY_LABELS, LabelTerms
from flowtui.model.run.span_facts import SpanFacts

BOTH = LabelTerms("nightly", (("env", "prod"), ("release", "42")))


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        (None, None),
        (SpanFacts(), False),
        (SpanFacts("nightly", (("env", "prod"), ("release", "42"), ("x", "y"))), True),
        (SpanFacts("nightly", (("env", "prod"),)), False),
        (SpanFacts("nightly", (("env", "prod"), ("release", "41"))), False),
        (SpanFacts("other", (("env", "prod"), ("release", "42"))), False),
    ],
)
def test_group_and_all_labels_must_match(facts, match):
    assert BOTH.match(facts) is match


def test_without_terms_every_run_matches():
    assert not ANY_LABELS.given
    assert ANY_LABELS.match(None) is True


def test_the_query_has_the_text_of_the_user_and_the_match_that_of_the_row():
    terms = LabelTerms("a\x1b[2Jb", (("k", "v\u202e"),))
    assert terms.query() == {"group": "a\x1b[2Jb", "metadata": {"k": "v\u202e"}}
    group, labels = LabelTerms("x").query(), LabelTerms(labels=(("k", ""),)).query()
    assert (group, labels) == ({"group": "x"}, {"metadata": {"k": ""}})
    assert "\x1b" not in str(SpanFacts())
    assert LabelTerms(labels=(("k", ""),)).match(SpanFacts(labels=(("k", ""),)))
    assert terms.text == "group a\x1b[2Jb, k=v\u202e"
