"""The token usage screen: it counts the runs of the dashboard, is updated, and opens the runs of a row there."""

from __future__ import annotations

from collections import Counter

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.formatting import short_count
from flowtui.ui.tokens.token_screen import TokenScreen

PRICES = Prices({"*": Price(100.0, 100.0)})


async def _open(seat):
    await seat.press("dollar_sign")
    await seat.until(lambda: isinstance(seat.app.screen, TokenScreen))
    await seat.until(lambda: seat.app.screen.is_mounted and "By" in seat.text)
    return seat.app.screen


def _tokens(runs, read):
    found = Counter()
    for run in runs:
        found[read(run)] += run.total_tokens or 0
    return dict(found)


async def test_token_usage_is_grouped_by_agent_model_and_thread(app):
    async with app(prices=PRICES) as seat:
        screen = await _open(seat)
        reads = (lambda run: run.agent_id, lambda run: run.model, lambda run: run.thread_key)
        for read, word in zip(reads, ("agents", "models", "threads"), strict=True):
            await seat.sees(f"all {word}", f"{len(seat.rows)} runs")
            assert "filtered" not in seat.lines[0]
            assert {one.key: one.tokens or 0 for one in screen.found} == _tokens(seat.rows, read)
            amounts = [one.cost.amount for one in screen.found if one.cost.amount is not None]
            assert amounts == sorted(amounts, reverse=True)
            assert screen.found[0].name in seat.text
            assert screen.found[0].cost.text() in seat.text
            await seat.press("tab")
        await seat.sees("all agents")
        assert "No prices are set" not in seat.text


@pytest.mark.parametrize("size", [(158, 38), (60, 15), pytest.param((80, 24), marks=pytest.mark.slow)])
async def test_tokens_without_a_price_come_first_and_are_marked(app, size):
    async with app(size=size, world={"runs": 40}, prices=Prices({"*llama*": Price(1.0, 1.0)})) as seat:
        screen = await _open(seat)
        await seat.sees("no price")
        known = [one.cost.amount is not None for one in screen.found if one.tokens]
        assert False in known
        assert True in known
        assert known == sorted(known), "what has no price stands below what has one"
        first = next(line for line in seat.lines if screen.found[0].name in line)
        assert "no price" in first
        frame = screen.query_one("#usage-frame")
        tokens = short_count(sum(one.cost.unpriced_tokens for one in screen.found))
        assert f"no price: {tokens} tokens" in frame.border_subtitle


async def test_without_prices_the_screen_says_how_to_set_them(app):
    async with app() as seat:
        screen = await _open(seat)
        await seat.sees("SHARE OF TOKENS", "No prices are set: [prices.")
        assert "$" not in "\n".join(seat.lines[:-1])
        tokens = [one.tokens or 0 for one in screen.found]
        assert tokens == sorted(tokens, reverse=True)


async def test_the_runs_of_the_dashboard_are_counted_and_enter_shows_those_of_the_chosen_row(app):
    async with app(world={"runs": 40}) as seat:
        await seat.press("exclamation_mark")
        await seat.until(lambda: seat.rows and len(seat.rows) < 40)
        problems = set(seat.ids)
        screen = await _open(seat)
        await seat.sees("problems only", f"{len(problems)} of 40 runs", "filtered")
        assert sum(one.runs for one in screen.found) == len(problems)
        agent = screen.usage.key
        await seat.press("enter")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        await seat.until(lambda: {run.agent_id for run in seat.rows} == {agent})
        assert set(seat.ids) <= problems
        assert seat.table.has_focus


async def test_a_long_filter_in_the_title_keeps_the_count_visible(app):
    async with app(size=(80, 24), world={"runs": 40}) as seat:
        words = "status:failed or status:cancelled or agent:no-such-agent or tokens>99999999"
        await seat.press("slash", *words, "enter")
        await seat.until(lambda: seat.rows and len(seat.rows) < 40)
        await _open(seat)
        await seat.sees(f"{len(seat.rows)} of 40 runs")
        assert "Spent · all threads" in seat.lines[1]
        assert "filtered" in seat.lines[0]


async def test_if_a_thread_is_chosen_enter_adds_the_agent_to_the_filter(app):
    async with app(world={"runs": 40}) as seat:
        thread = seat.simulator.thread_ids()[0]
        seat.threads.choose(thread)
        await seat.until(lambda: seat.rows and {run.thread_key for run in seat.rows} == {thread})
        screen = await _open(seat)
        await seat.until(lambda: sum(one.runs for one in screen.found) == len(seat.rows))
        agent, runs = screen.usage.key, screen.usage.runs
        await seat.press("enter")
        await seat.until(lambda: len(seat.rows) == runs)
        assert {(run.thread_key, run.agent_id) for run in seat.rows} == {(thread, agent)}
        assert seat.dashboard.view.text.startswith("agent=")


async def test_the_screen_is_updated_and_the_cursor_stays_on_its_agent(app):
    async with app() as seat:
        screen = await _open(seat)
        await seat.press("j")
        await seat.until(lambda: screen.usage_list.place == 1)
        held = screen.usage.key
        before = sum(one.tokens or 0 for one in screen.found)
        for _ in range(6):
            await seat.later(20)
            await seat.loaded()
        await seat.until(lambda: sum(one.tokens or 0 for one in screen.found) > before)
        assert screen.usage.key == held
        await seat.until(lambda: f"{sum(one.tokens or 0 for one in screen.found):,}" in seat.text)


async def test_a_time_window_counts_only_runs_that_ended_in_it(app):
    async with app() as seat:
        screen = await _open(seat)
        await seat.press("w")
        now = seat.dashboard.cell_context().now
        late = [run for run in seat.rows if run.ended is not None and run.ended >= now - 3600]
        await seat.sees(f"{len(late)} of {len(seat.rows)} runs ended in the last hour")
        assert sum(one.runs for one in screen.found) == len(late)
        seat.clock.advance(90_000)
        screen.tick()
        await seat.until(lambda: screen.usage is None)
        await seat.sees("No run ended in the last hour", "shows another time")


@pytest.mark.parametrize(
    "size",
    [(80, 24), (40, 8), *(pytest.param(size, marks=pytest.mark.slow) for size in ((120, 36), (60, 15)))],
)
async def test_without_any_runs_the_screen_says_so_at_every_size(app, size):
    async with app(size=size, world={"threads": 0, "runs": 0}, wait=False) as seat:
        await _open(seat)
        await seat.sees("no threads yet" if size[1] > 8 else "By")
        await seat.press("enter", "y", "j", "G")
        assert isinstance(seat.app.screen, TokenScreen)
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)


async def test_the_screen_says_if_its_data_is_stale(app):
    async with app() as seat:
        await _open(seat)
        seat.simulator.add_fault("rate-limit")
        await seat.later(60)
        await seat.until(lambda: "● live" not in seat.lines[0])


HOSTILE = ("text-title", "text-click", "text-bad-markup", "text-rtl", "text-long", "text-emoji", "text-crlf")


# Names are made display-safe when a reply is parsed; tests of the model check all of these.
@pytest.mark.parametrize(
    "fault",
    [
        name if name in ("text-bad-markup", "text-emoji") else pytest.param(name, marks=pytest.mark.slow)
        for name in HOSTILE
    ],
)
async def test_markup_in_names_is_shown_as_text(app, fault):
    async with app(size=(100, 30), faults=[fault]) as seat:
        screen = await _open(seat)
        await seat.press("tab")
        await seat.until(lambda: screen.by == "model" and screen.found)
        await seat.sees("all models")
        assert len(seat.lines) == 30
        assert not {"\x1b", "\x07", "\u202e", "\r", "\n"} & set("".join(seat.lines))
        await seat.press("enter")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        await seat.until(lambda: len({run.model for run in seat.rows}) == 1)
