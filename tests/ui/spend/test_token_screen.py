"""The token usage screen: it counts the runs of the dashboard, is updated, and opens the runs of a row there."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.formatting import short_count
from flowtui.model.view.view import View
from flowtui.ui.base.messages import GroupOpened
from flowtui.ui.tokens.token_screen import TokenScreen

from ..screen_app import shown
from ..world_data import WorldData

PRICES = Prices({"*": Price(100.0, 100.0)})


@pytest.fixture
def ids():
    return "short"


@pytest.fixture
def tokens(clock):
    """Open the screen over a world, and wait until it is drawn: `async with tokens(runs=40) as seat`."""

    @asynccontextmanager
    async def open_tokens(*, size=(140, 40), prices=None, **world):
        data = WorldData(clock, prices=prices, **world)
        async with shown(TokenScreen(), data, clock, size=size, prices=prices) as seat:
            await seat.sees("By")
            yield seat

    return open_tokens


def _lines(seat):
    return seat.text.split("\n")


async def _above(seat):
    """Open the screen once more, above the first one, so that it can be closed."""
    screen = TokenScreen()
    seat.app.push_screen(screen)
    await seat.until(lambda: seat.app.screen is screen and screen.ready)
    seat.screen = screen
    await seat.sees("By")
    return screen


def _tokens(runs, read):
    found = Counter()
    for run in runs:
        found[read(run)] += run.total_tokens or 0
    return dict(found)


async def test_token_usage_is_grouped_by_agent_model_and_thread(tokens):
    async with tokens(prices=PRICES) as seat:
        screen, rows = seat.screen, seat.data.rows
        reads = (lambda run: run.agent_id, lambda run: run.model, lambda run: run.thread_key)
        for read, word in zip(reads, ("agents", "models", "threads"), strict=True):
            await seat.sees(f"all {word}", f"{len(rows)} runs")
            assert "filtered" not in _lines(seat)[0]
            assert {one.key: one.tokens or 0 for one in screen.found} == _tokens(rows, read)
            amounts = [one.cost.amount for one in screen.found if one.cost.amount is not None]
            assert amounts == sorted(amounts, reverse=True)
            assert screen.found[0].name in seat.text
            assert screen.found[0].cost.text() in seat.text
            await seat.press("tab")
        await seat.sees("all agents")
        assert "No prices are set" not in seat.text


async def test_tokens_without_a_price_come_first_and_are_marked(tokens):
    async with tokens(runs=40, prices=Prices({"*llama*": Price(1.0, 1.0)})) as seat:
        screen = seat.screen
        for size in ((158, 38), (80, 24), (60, 15)):
            await seat.pilot.resize_terminal(*size)
            await seat.until(lambda size=size: (len(_lines(seat)[0]), len(_lines(seat))) == size)
            await seat.sees("no price")
            known = [one.cost.amount is not None for one in screen.found if one.tokens]
            assert False in known
            assert True in known
            assert known == sorted(known), "what has no price stands below what has one"
            await seat.sees(screen.found[0].name)
            first = next(line for line in _lines(seat) if screen.found[0].name in line)
            assert "no price" in first
            frame = screen.query_one("#usage-frame")
            unpriced = short_count(sum(one.cost.unpriced_tokens for one in screen.found))
            assert f"no price: {unpriced} tokens" in frame.border_subtitle


async def test_without_prices_the_screen_says_how_to_set_them(tokens):
    async with tokens() as seat:
        await seat.sees("SHARE OF TOKENS", "No prices are set: [prices.")
        assert "$" not in "\n".join(_lines(seat)[:-1])
        counts = [one.tokens or 0 for one in seat.screen.found]
        assert counts == sorted(counts, reverse=True)


async def test_a_long_filter_in_the_title_keeps_the_count_visible(tokens):
    words = "status:failed or status:cancelled or agent:no-such-agent or tokens>99999999"
    async with tokens(size=(80, 24), runs=40, view=View(text=words)) as seat:
        assert 0 < len(seat.data.rows) < 40
        await seat.sees(f"{len(seat.data.rows)} of 40 runs")
        assert "Spent · all threads" in _lines(seat)[1]
        assert "filtered" in _lines(seat)[0]


async def test_the_screen_is_updated_and_the_cursor_stays_on_its_agent(tokens, clock):
    async with tokens() as seat:
        screen = seat.screen
        await seat.press("j")
        await seat.until(lambda: screen.usage_list.place == 1)
        held = screen.usage.key
        before = sum(one.tokens or 0 for one in screen.found)
        for _ in range(6):
            clock.advance(20)
            seat.update(seat.data.read())
        assert sum(one.tokens or 0 for one in screen.found) > before
        assert screen.usage.key == held
        await seat.sees(f"{sum(one.tokens or 0 for one in screen.found):,}")


async def test_a_time_window_counts_only_runs_that_ended_in_it(tokens, clock):
    async with tokens() as seat:
        screen, rows = seat.screen, seat.data.rows
        await seat.press("w")
        now = seat.data.cell_context().now
        late = [run for run in rows if run.ended is not None and run.ended >= now - 3600]
        await seat.sees(f"{len(late)} of {len(rows)} runs ended in the last hour")
        assert sum(one.runs for one in screen.found) == len(late)
        clock.advance(90_000)
        screen.tick()
        await seat.until(lambda: screen.usage is None)
        await seat.sees("No run ended in the last hour", "shows another time")


@pytest.mark.parametrize(
    "sizes", [((80, 24), (40, 8)), pytest.param(((120, 36), (60, 15)), marks=pytest.mark.slow)]
)
async def test_without_any_runs_the_screen_says_so_at_every_size(tokens, sizes):
    async with tokens(threads=0, runs=0) as seat:
        below = seat.screen
        for size in sizes:
            await seat.pilot.resize_terminal(*size)
            screen = await _above(seat)
            await seat.until(lambda size=size: (len(_lines(seat)[0]), len(_lines(seat))) == size)
            await seat.sees("no threads yet" if size[1] > 8 else "By")
            await seat.press("enter", "y", "j", "G")
            assert seat.app.screen is screen
            await seat.press("escape")
            await seat.until(lambda: seat.app.screen is below)


async def test_the_screen_says_if_its_data_is_stale(tokens, clock):
    async with tokens() as seat:
        assert "● live" in _lines(seat)[0]
        seat.update(seat.data.fail("too many requests"))
        clock.advance(60)
        seat.screen.tick()
        await seat.until(lambda: "● live" not in _lines(seat)[0])


# Names are made display-safe when a reply is parsed; tests of the model check all of these.
@pytest.mark.parametrize(
    "faults",
    [
        ("text-bad-markup", "text-emoji"),
        pytest.param(
            ("text-title", "text-click", "text-rtl", "text-long", "text-crlf"), marks=pytest.mark.slow
        ),
    ],
)
async def test_markup_in_names_is_shown_as_text(tokens, clock, faults):
    async with tokens(size=(100, 30)) as seat:
        below = seat.screen
        for number, fault in enumerate(faults, start=1):
            seat.app.data = seat.data = data = WorldData(clock, faults=[fault])
            screen = await _above(seat)
            await seat.press("tab")
            await seat.until(lambda screen=screen: screen.by == "model" and screen.found)
            await seat.sees("all models")
            lines = [strip.text for strip in screen._compositor.render_strips()]
            assert len(lines) == 30
            assert not {"\x1b", "\x07", "\u202e", "\r", "\n"} & set("".join(lines))
            await seat.press("enter")
            await seat.until(lambda: seat.app.screen is below)
            opened = seat.posted(GroupOpened)
            assert len(opened) == number
            data.view = View(opened[-1].group)
            assert len({run.model for run in data.rows}) == 1


# -- in the application, over real HTTP ------------------------------------------------------------------------


async def _open(seat):
    await seat.press("dollar_sign")
    await seat.until(lambda: isinstance(seat.app.screen, TokenScreen))
    await seat.until(lambda: seat.app.screen.is_mounted and "By" in seat.text)
    return seat.app.screen


async def _enter(seat):
    """Open the row under the cursor, and wait for the dashboard."""
    await seat.press("enter")
    await seat.until(lambda: seat.app.screen is seat.dashboard)


async def test_the_runs_of_the_dashboard_are_counted_and_enter_shows_those_of_the_chosen_row(app):
    async with app(world={"runs": 40}, faults=["text-emoji"]) as seat:
        thread = seat.simulator.thread_ids()[0]
        seat.threads.choose(thread)  # now `enter` adds the agent to the filter
        await seat.until(lambda: seat.rows and {run.thread_key for run in seat.rows} == {thread})
        screen = await _open(seat)
        await seat.until(lambda: sum(one.runs for one in screen.found) == len(seat.rows))
        agent, runs = screen.usage.key, screen.usage.runs
        await _enter(seat)
        await seat.until(lambda: len(seat.rows) == runs)
        assert {(run.thread_key, run.agent_id) for run in seat.rows} == {(thread, agent)}
        assert seat.dashboard.view.text.startswith("agent=")

        await seat.press("0")
        await seat.until(lambda: len(seat.rows) == 40)
        await seat.press("exclamation_mark")
        await seat.until(lambda: seat.rows and len(seat.rows) < 40)
        problems = set(seat.ids)
        screen = await _open(seat)
        await seat.sees("problems only", f"{len(problems)} of 40 runs", "filtered")
        assert sum(one.runs for one in screen.found) == len(problems)
        agent = screen.usage.key
        await _enter(seat)
        await seat.until(lambda: {run.agent_id for run in seat.rows} == {agent})
        assert set(seat.ids) <= problems
        assert seat.table.has_focus

        await seat.press("0")
        await seat.until(lambda: len(seat.rows) == 40)
        screen = await _open(seat)
        await seat.press("tab")
        await seat.until(lambda: screen.by == "model" and screen.found)
        model = screen.usage.key
        await _enter(seat)
        await seat.until(lambda: {run.model for run in seat.rows} == {model})
