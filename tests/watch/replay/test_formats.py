"""What a watch says at its end is true in every format, not only in JSON."""

from __future__ import annotations

import json
import re

import pytest

from .draws import draw
from .oracle import replay
from .play import play
from .sentences import sentence_differences
from .test_replay import DOZEN


def last_line(text):
    return text.splitlines()[-1]


def card(text):
    """Return the text of the closing card, whose lines have a border."""
    lines = re.findall(r"│  (.*?)\s*│", text[text.rindex("╭") :])
    return "; ".join(re.sub(r"\s+exit \d+$", "", line) for line in lines if line)


FORMATS = {
    # where the format says how the watch ended
    "plain": last_line,
    "github": last_line,
    "tty": card,
    "json": lambda text: json.loads(text)["reason"],
}


@pytest.mark.slow
@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("seed", DOZEN)
async def test_the_end_is_true_in_every_format(output, seed, tmp_path):
    case = draw(seed)
    truth, played = replay(case), await play(case, tmp_path, output)
    said = FORMATS[output](played.events[0]["text"])
    found = list(sentence_differences(case, truth, said))
    assert not found, "\n".join([str(case), *found])
    assert played.code == truth.code
