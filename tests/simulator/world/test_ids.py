import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.simulator.world.ids import Codec, seeded_random


@given(st.integers(0, 2**36 - 1), st.integers(0, 50))
def test_an_id_decodes_to_its_number(number, seed):
    codec = Codec("run_", seed)
    assert codec.decode(codec.encode(number)) == number


def test_no_two_numbers_share_an_id():
    codec = Codec("run_", 1)
    assert len({codec.encode(number) for number in range(20_000)}) == 20_000


def test_adjacent_numbers_and_other_seeds_have_unrelated_ids():
    first, second = (Codec("run_", 1).encode(number) for number in (0, 1))
    assert first[:6] != second[:6]
    assert Codec("run_", 2).encode(0) != first


@given(st.text(max_size=12))
def test_a_text_that_encode_does_not_return_is_not_an_id(text):
    assert (
        Codec("run_", 1).decode(text) is None
        or Codec("run_", 1).encode(Codec("run_", 1).decode(text)) == text
    )


@pytest.mark.parametrize(
    "text", ["", "run_", "run_12345", "run_ABCDEF", "run_1234567", "thr_123456", " run_123456"]
)
def test_a_text_similar_to_an_id_is_not_an_id(text):
    assert Codec("run_", 1).decode(text) is None


def test_a_number_too_large_for_all_widths_is_an_overflow():
    with pytest.raises(OverflowError):
        Codec("x", 1, (2,)).encode(256)


def test_equal_parts_seed_equal_random_numbers():
    assert seeded_random(1, "a").random() == seeded_random(1, "a").random() != seeded_random(1, "b").random()
