import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.simulator.world.ids import Codec, seeded_random


@given(st.integers(0, 2**36 - 1), st.integers(0, 50))
def test_an_id_leads_back_to_its_number(number, seed):
    codec = Codec("run_", seed)
    assert codec.decode(codec.encode(number)) == number


def test_no_two_numbers_share_an_id():
    codec = Codec("run_", 1)
    assert len({codec.encode(number) for number in range(20_000)}) == 20_000


def test_neighbours_look_unrelated_and_another_seed_gives_other_ids():
    first, second = (Codec("run_", 1).encode(number) for number in (0, 1))
    assert first[:6] != second[:6]
    assert Codec("run_", 2).encode(0) != first


@given(st.text(max_size=12))
def test_a_text_that_encode_never_made_is_no_id(text):
    assert (
        Codec("run_", 1).decode(text) is None
        or Codec("run_", 1).encode(Codec("run_", 1).decode(text)) == text
    )


@pytest.mark.parametrize(
    "text", ["", "run_", "run_12345", "run_ABCDEF", "run_1234567", "thr_123456", " run_123456"]
)
def test_what_looks_nearly_like_an_id_is_none(text):
    assert Codec("run_", 1).decode(text) is None


def test_a_number_that_fits_nowhere_is_refused():
    with pytest.raises(OverflowError):
        Codec("x", 1, (2,)).encode(256)


def test_dice_fall_alike_for_alike_parts():
    assert seeded_random(1, "a").random() == seeded_random(1, "a").random() != seeded_random(1, "b").random()
