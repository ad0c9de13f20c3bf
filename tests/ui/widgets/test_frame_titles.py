"""The cause of an error on the border of a frame."""

from __future__ import annotations

from flowtui.ui.widgets.frame_titles import trouble_text


def test_the_cause_of_an_error_is_cut_to_the_room_on_the_border():
    cause = "GET /v1/threads: 401 Unauthorized. 多言語"
    assert trouble_text(cause, [], 47) == cause
    assert trouble_text(cause, [], 46) == "GET /v1/threads: 401 Unauthorized. 多言…"
    assert trouble_text("", ["3 new"], 30) == "3 new"
    assert trouble_text(cause, ["3 new", "1 selected"], 200) == f"{cause}  ·  3 new  ·  1 selected"
    assert trouble_text(cause, ["3 new"], 40) == "GET /v1/threads: 401 Un…  ·  3 new"
    assert trouble_text(cause, ["3 new"], 39) == "3 new"  # no room: the cause is left out
    assert trouble_text("", [], 0) == trouble_text(cause, [], 0)[1:] == ""
