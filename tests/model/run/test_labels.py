"""Names of labels as columns and fields, and their texts: unknown, none, empty, quoted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.run.labels import (
    NONE,
    group_text,
    label_field,
    label_of,
    label_text,
    labels_text,
    value_of,
)
from flowtui.model.run.span_facts import SpanFacts

FACTS = SpanFacts("nightly", (("Env", "prod"), ("customer", "Acme Corp"), ("empty", ""), ("env", "test")))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("label.env", "env"),
        ("LABEL.Env", "Env"),
        ("label.k8s.io/app-1", "k8s.io/app-1"),
        ('label["a b"]', "a b"),
        ('label["a\\"b,c"]', 'a"b,c'),
        ("label.", None),
        ("label", None),
        ("labels.env", None),
        ("label.a b", None),
        ('label[""]', None),
        ('label["\\x"]', None),
        ("meta_data.env", None),
    ],
)
def test_a_name_means_a_label_or_none(name, label):
    assert label_of(name) == label


@given(st.text(min_size=1, max_size=30))
def test_every_label_has_a_name_that_means_it(label):
    assert label_of(label_field(label)) == label


def test_a_label_is_found_exactly_or_else_in_another_case():
    assert value_of(FACTS, "env") == "test"
    assert value_of(FACTS, "Env") == "prod"
    assert value_of(FACTS, "CUSTOMER") == "Acme Corp"
    assert value_of(FACTS, "region") is None


def test_not_read_differs_from_none_and_from_an_empty_value():
    bare = SpanFacts()
    assert (group_text(None), labels_text(None), label_text(None, "env")) == ("—", "—", "—")
    assert (group_text(bare), labels_text(bare), label_text(bare, "env")) == (NONE, NONE, NONE)
    assert group_text(FACTS) == "nightly"
    assert labels_text(FACTS) == 'Env=prod customer="Acme Corp" empty="" env=test'
    assert label_text(FACTS, "empty") == '""'
