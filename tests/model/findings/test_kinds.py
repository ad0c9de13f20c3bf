"""The texts about findings: they are complete sentences, and name the thresholds of the rules."""

from __future__ import annotations

import pytest

from flowtui.model.findings import kinds
from flowtui.model.findings.kinds import FAR_FACTOR, FINDINGS, TRUSTED_RUNS
from flowtui.model.query.fields import HAS_TESTS


def test_every_finding_is_described_and_can_be_used_in_a_filter():
    constants = {
        value
        for name, value in vars(kinds).items()
        if name.isupper() and name[0] != "_" and isinstance(value, str)
    }
    assert set(FINDINGS) == constants
    assert all(kind.name == name for name, kind in FINDINGS.items())
    assert set(FINDINGS) <= set(HAS_TESTS)


@pytest.mark.parametrize("kind", FINDINGS.values(), ids=FINDINGS)
def test_the_texts_are_complete_sentences(kind):
    assert kind.title[0].islower()
    assert len(kind.title) <= 60
    for text in (kind.meaning, kind.evidence, kind.next_step):
        assert text.isprintable()
        assert text.endswith(".")
        assert "  " not in text
    assert "may" in kind.meaning, "it says what harmless thing it may be instead"


@pytest.mark.parametrize("name", ["queued_long", "waiting_behind", "stalled"])
def test_texts_about_usual_times_name_the_thresholds(name):
    assert f"at least {TRUSTED_RUNS};" in FINDINGS[name].evidence
    assert f"{FAR_FACTOR:g} times" in FINDINGS[name].evidence
