"""The system prompts of the simulated agents, from `prompts.md`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

_RULES: Final = "house rules"  # the part of `prompts.md` that all prompts have

_WORDS: Final = ("60", "80", "40", "120")
_TONES: Final = (
    "Short sentences. No exclamation marks, no apologies in a row, no promises about other teams.",
    "Short sentences. No exclamation marks, one apology at the most, no promises about other teams.",
    "Plain words. No exclamation marks, no apologies in a row, no promises about delivery dates.",
)


@cache
def _parts() -> dict[str, str]:
    """Return the parts of `prompts.md` by name."""
    text = (files(__package__) / "prompts.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^<!-- (.+) -->\n", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def instructions(agent: str, release: int = 0) -> str:
    """Return the system prompt of an agent (by name) in a release. The number of the release changes a few words."""
    rules = _parts()[_RULES].replace(_TONES[0], _TONES[release % len(_TONES)])
    own = _parts()[agent].replace("at most 60 words", f"at most {_WORDS[release % len(_WORDS)]} words")
    if release % 5 == 1:
        rules += "\n## After the answer\n\nAsk nothing back. Close the ticket only when the customer has.\n"
    return f"# {agent}\n\n{own}\n{rules}"
