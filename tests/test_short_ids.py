"""How ids are shortened for people: the end stays, which tells runs apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from flowtui.simulator.world.uuids import UuidCodec
from flowtui.text import cell_width, safe_text, short_id, shorten_start_cells
from flowtui.ui.paint import ink

from .examples import examples

SETTINGS = examples(150)
WIDTHS = st.integers(1, 40)
NAMES = st.one_of(
    st.uuids().map(str),
    st.text(st.sampled_from("abc_09-漢字か\u0301é"), max_size=60).map(safe_text),
    st.text(max_size=60).map(safe_text),
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("01a22bb1-de22-7572-99d9-822526efd38d", "…26efd38d"),
        ("01A22BB1-DE22-7572-99D9-822526EFD38D", "…26EFD38D"),
        ("01a22bb1de22757299d9822526efd38d", "…26efd38d"),
        ("run_01a22bb1-de22-7572-99d9-822526efd38d", "…26efd38d"),
        ("run_5c1e07", "run_5c1e07"),
        (
            "a-very-long-name-of-a-thread-that-is-no-uuid-at-all",
            "a-very-long-name-of-a-thread-that-is-no-uuid-at-all",
        ),
        ("01a22bb1-de22-7572-99d9-822526efd38g", "01a22bb1-de22-7572-99d9-822526efd38g"),
        ("01a22bb1-de22-7572-99d9-822526efd38d␛Zx", "01a22bb1-de22-7572-99d9-822526efd38d␛Zx"),
        ("", ""),
    ],
)
def test_only_uuids_are_shortened_to_their_ends(name: str, shown: str) -> None:
    assert short_id(name) == shown
    assert short_id(shown) == shown


@SETTINGS
@given(NAMES, WIDTHS)
def test_an_id_fits_into_its_cells_and_keeps_its_end(name: str, cells: int) -> None:
    cut = shorten_start_cells(name, cells)
    assert cell_width(cut) <= cells
    if cell_width(name) <= cells:
        assert cut == name
    else:
        assert cut.startswith("…") == (cells > 1)
        assert name.endswith(cut.removeprefix("…"))
        # Of wide characters one may not fit; nothing else is left out. Marks take no room.
        assert cell_width(cut) >= cells - 1 or not name.isascii()
        assert not name.isascii() or cell_width(cut) == cells
    assert cell_len(ink.fit_id(name, cells)) == cells


@SETTINGS
@given(st.sets(st.integers(0, 2**40), min_size=2, max_size=60), st.integers(1, 40), st.floats(0, 3e9))
def test_runs_of_one_minute_are_told_apart_where_the_width_allows(
    numbers: set[int], cells: int, at: float
) -> None:
    """All begin alike. In 9 cells (8 digits) no two look the same; in fewer cells, only those with the same end do."""
    ids = [UuidCodec("run_", 7).encode(number, at) for number in numbers]
    assert len({name[:13] for name in ids}) == 1
    shown = [ink.cut_id(short_id(name), cells) for name in ids]
    digits = 1 if cells == 1 else min(cells - 1, 8)
    assert len(set(shown)) == len({name[-digits:] for name in ids})
    if cells >= 9:
        assert len(set(shown)) == len(ids)
