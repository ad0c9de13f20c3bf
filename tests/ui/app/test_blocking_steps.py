"""Items of a blocking iterator come to a coroutine in order, one at a time, and an error comes after them."""

from __future__ import annotations

import threading
from contextlib import aclosing

import pytest

from flowtui.errors import HistoryError
from flowtui.ui.app.blocking_steps import blocking_steps


async def test_all_items_come_in_order_and_from_one_thread():
    names = []

    def numbers():
        for number in range(7):
            names.append(threading.current_thread())
            yield number

    assert [number async for number in blocking_steps(numbers)] == list(range(7))
    assert len(set(names)) == 1
    assert names[0] is not threading.main_thread()


async def test_an_error_comes_after_the_items_before_it():
    def broken():
        yield 1
        raise HistoryError("damaged")

    found = blocking_steps(broken)
    assert await anext(found) == 1
    with pytest.raises(HistoryError, match="damaged"):
        await anext(found)


async def test_a_reader_that_is_closed_early_takes_no_item_more():
    taken, ended = [], threading.Event()

    def numbers():
        try:
            for number in range(100):
                taken.append(number)
                yield number
        finally:
            ended.set()

    async with aclosing(blocking_steps(numbers)) as found:
        assert await anext(found) == 0
    assert ended.wait(30)
    assert taken == [0]
