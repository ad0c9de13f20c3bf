"""The welcome screen, which is shown if there is no API key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.ui.app.welcome import CONNECT


@pytest.fixture
def demo(app, simulate):
    """Open flowtui without a key; its demo starts a simulator with the test's clock."""

    def open_app(**options):
        world = simulate()

        def start():
            seat_settings = open_app.settings
            return replace(seat_settings, base_url=world.url, profile="demo")

        open_app.world = world
        return app(with_key=False, wait=False, start_demo=start, **options)

    return open_app


async def test_without_a_key_the_welcome_screen_explains_how_to_connect_and_no_request_is_sent(demo):
    async with demo() as seat:
        await seat.sees(*CONNECT)
        assert len(CONNECT) == 3
        await seat.sees("demo")
        assert "SEEKR_API_KEY" in seat.text
        assert not seat.simulator.requests


async def test_the_demo_starts_and_requests_go_to_no_other_server(demo):
    async with demo() as seat:
        demo.settings = seat.app.settings
        await seat.sees(CONNECT[0])
        await seat.press("d")
        expected = {run for key in demo.world.thread_ids() for run in demo.world.run_ids(key)}
        await seat.until(lambda: set(seat.ids) == expected)
        await seat.sees("demo", "live")
        assert CONNECT[0] not in seat.text
        assert not seat.simulator.requests


async def test_q_on_the_welcome_screen_exits_with_0(demo):
    async with demo() as seat:
        await seat.sees(CONNECT[0])
        await seat.press("q")
        assert seat.app.return_code == 0


async def test_ctrl_c_twice_on_the_welcome_screen_exits_with_130(demo):
    async with demo() as seat:
        await seat.press("ctrl+c", "ctrl+c")
        assert seat.app.return_code == 130


async def test_the_three_lines_on_connecting_fit_into_80_columns(demo):
    async with demo(size=(80, 24)) as seat:
        await seat.sees(*(line.split("  ")[0] for line in CONNECT))


async def test_with_a_key_there_is_no_welcome_screen(app):
    async with app() as seat:
        assert seat.app.screen is seat.dashboard


async def test_if_the_key_cannot_be_read_error_and_hint_are_shown_and_r_tries_again(app, tmp_path):
    path = tmp_path / "key"
    async with app(with_key=False, wait=False, api_key_file=str(path)) as seat:
        await seat.sees("Not connected", "tries again")
        assert "key" in seat.text
        path.write_text("a-key\n")
        path.chmod(0o600)
        await seat.press("r")
        await seat.loaded()
