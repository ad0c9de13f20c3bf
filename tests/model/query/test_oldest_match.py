"""How old a run can be that a filter matches."""

from __future__ import annotations

import math
from datetime import UTC

import pytest

from flowtui.model.query.oldest_match import oldest_match
from flowtui.model.query.query import parse

NOW = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC
DAY = 86_400.0


@pytest.mark.parametrize(
    ("text", "oldest"),
    [
        ("", -math.inf),
        ("status:failed", -math.inf),
        ("age<7d", NOW - 7 * DAY),
        ("age<=2h agent:x", NOW - 7200),
        ("age<7d and age<1d", NOW - DAY),
        ("age<7d or age<1d", NOW - 7 * DAY),
        ("age<7d or status:failed", -math.inf),
        ("age>7d", -math.inf),
        ("not age<7d", -math.inf),
        ("created>now-2h", NOW - 7200),
        ("created>=2027-01-14", NOW - 32 * 3600),
        ("created<2027-01-14", -math.inf),
        ("started>now-2h", -math.inf),
    ],
)
def test_the_oldest_match(text, oldest):
    assert oldest_match(parse(text).tree, NOW, UTC) == oldest
