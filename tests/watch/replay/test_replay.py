"""Random watches against an independent replay of the contract.

A seed is a world (threads, runs, outages), options and perhaps a signal, see `draws.py`. `play.py` plays it to a real
watch in fake time, `oracle.py` replays it from the words of the contract alone, `compare.py` compares exit code, end,
counts, events, sentence and summary file. A difference is printed with the whole case; to repeat the one of seed 417:

    pytest -n0 -m '' 'tests/watch/replay/test_replay.py::test_a_watch_keeps_the_contract[417]'
"""

from __future__ import annotations

from collections import Counter

import pytest

from .compare import differences
from .draws import draw
from .oracle import replay
from .play import play

DOZEN = (1, 5, 10, 24, 29, 46, 78, 93, 107, 189, 234, 263)
"""Seeds of short cases that have nearly every exit code, end and option between them."""

FOUND = (664, 1136, 1343, 1960, 2337, 2470, 6739, 12958)
"""Seeds in which the watch or the replay once was wrong."""

MANY = [seed for seed in range(312) if seed not in DOZEN] + list(FOUND)

CODES = {0, 1, 3, 4, 5, 6, 7, 8, 129, 130, 143}


async def assert_kept(seed, folder):
    case = draw(seed)
    found = differences(case, replay(case), await play(case, folder))
    assert not found, "\n".join([str(case), *found])


@pytest.mark.parametrize("seed", DOZEN)
async def test_a_watch_keeps_the_contract_in_a_few_cases(seed, tmp_path):
    await assert_kept(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
async def test_a_watch_keeps_the_contract(seed, tmp_path):
    await assert_kept(seed, tmp_path)


@pytest.mark.slow
def test_the_cases_reach_every_exit_code_and_end():
    """Otherwise a watch could be right in all of them by chance."""
    truths = [replay(draw(seed)) for seed in (*DOZEN, *MANY)]
    codes, causes = Counter(truth.verdict for truth in truths), Counter[str]()
    for truth in truths:
        causes.update(truth.causes)
    assert codes.keys() == CODES, codes
    assert min(codes[code] for code in (0, 1, 3, 4, 5, 6)) >= 15, codes
