"""Former ids of keys, which config files of users may still have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SPEND_KEYS: Final = (
    *("down", "up", "first", "last", "page_down", "page_up", "open"),
    *("by", "by_back", "window", "copy", "refresh", "back"),
)
RENAMED: Final = {
    "mark": "select",
    "mark_range": "select_range",
    "gate_window": "gate_longer",
    "spenders": "spend",
    "token_usage": "spend",
    "brief_tokens": "brief_spend",
    **{f"{old}_{name}": f"spend_{name}" for old in ("spender", "token") for name in _SPEND_KEYS},
}
"""Former id of a key → its current id. No entry is ever removed: config files of users may still have it."""


def current_ids(keys: Mapping[str, str]) -> dict[str, str]:
    """Return a config's table of keys with current ids only.

    If the table has a former id and the current one, the current one counts.
    """
    former = {RENAMED[name]: key for name, key in keys.items() if name in RENAMED}
    return former | {name: key for name, key in keys.items() if name not in RENAMED}
