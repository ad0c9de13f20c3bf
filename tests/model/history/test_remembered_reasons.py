"""Reasons as they may be shown: one reason has one text, wherever the runs come from."""

from flowtui.model.history.remembered_reasons import with_equal_words
from flowtui.model.reasons.reason import Reason


def test_a_hidden_reason_has_the_same_words_from_the_history_and_from_the_api():
    remembered = Reason("crm: [redacted]", "tool crm", hidden_id="0a")
    fetched = remembered._replace(text="crm: HTTPStatusError: [redacted]")
    other = remembered._replace(hidden_id="0b")
    found = with_equal_words({("t", "1"): remembered, ("t", "2"): fetched, ("t", "3"): other})
    assert [reason.text for reason in found.values()] == [fetched.text, fetched.text, other.text]
    assert list(found) == [("t", "1"), ("t", "2"), ("t", "3")]
