"""Every key of the README's table is pressed, and a scene for its id checks the effect.

The scenes run with every spelling of every key. With a config that remaps all ids, one scene per part of the screen
runs, and there the keys of all ids are checked.
"""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from flowtui.errors import UsageError
from flowtui.ui.app.start import _check_names
from flowtui.ui.dashboard.key_actions import DashboardKeys
from flowtui.ui.keys import bindings
from flowtui.ui.keys.renamed import RENAMED, current_ids
from flowtui.ui.widgets.prompt import Prompt

from . import (  # noqa: F401  on import, their scenes are registered
    key_scenes_agent,
    key_scenes_brief,
    key_scenes_command,
    key_scenes_failures,
    key_scenes_gate,
    key_scenes_notify,
    key_scenes_run,
    key_scenes_spend,
    key_scenes_timeline,
)
from .key_scenes import BY_ID, PRESSED, SIZE, URL, Fingers, home, place


@pytest.fixture
def ids():
    return "short"


def test_every_key_has_a_scene():
    assert set(PRESSED) == set(BY_ID)


@pytest.fixture
def seat_for_keys(app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    visited = []
    monkeypatch.setattr(webbrowser, "open", lambda url, **_: visited.append(url))

    def open_app(**settings):
        return app(size=SIZE, run_url=URL, world={"runs": 24}, budget=6_000, interval=5.0, **settings)

    open_app.visited = visited
    return open_app


async def _walk(seat, wanted, spellings, visited, look=lambda _seat, _key: None):
    """Run the scenes of these keys. `look` is called just before a key is pressed."""
    seat = Fingers(seat, visited)
    for key in wanted:
        for spelling in spellings(key):
            await home(seat)
            await seat.until(lambda: not isinstance(seat.app.focused, Prompt))
            for picture in Path.cwd().glob("flowtui-*.svg"):
                picture.unlink()

            async def press(key=key, spelling=spelling):
                look(seat, key)
                await seat.press(spelling)

            try:
                await PRESSED[key.id](seat, key.id, press)
            except BaseException as error:
                error.add_note(f"key {key.id}, pressed as {spelling}")
                raise


READINGS = {("POST", "/v1/observability/spans")}
"""Requests other than GET that only read: the API's query of spans has a body."""


@pytest.mark.slow
async def test_every_key_does_what_the_table_says_in_every_spelling_and_none_writes_to_the_api(seat_for_keys):
    async with seat_for_keys() as seat:
        await _walk(seat, bindings.KEYS, lambda key: key.keys.split(","), seat_for_keys.visited)
        made = {(request[0], request[1]) for request in list(seat.simulator.requests)}
        assert {request for request in made if request[0] != "GET"} <= READINGS


HELD = ("", "shift+", "ctrl+", "ctrl+shift+", "alt+", "alt+shift+", "alt+ctrl+", "alt+ctrl+shift+")
NAMES = [f"{held}f{number}" for held in HELD for number in range(1, 25)]


def _others():
    """Return id → another key. There are more ids than such keys: those of different screens share some."""
    ids = {where: [key.id for key in bindings.KEYS if key.where == where] for where in bindings.TITLES}
    here = [
        id_ for where in (*DashboardKeys.PLACES, bindings.APP, bindings.COMMAND) for id_ in ids.pop(where)
    ]
    found = dict(zip(here, NAMES, strict=False))
    for own in ids.values():
        found.update(zip(own, NAMES[len(here) :], strict=False))
    return found


OTHERS = _others()


def _bound(seat, where):
    """Return key → id as now bound on the screen, for the ids of one part of the screen."""
    active = seat.app.screen.active_bindings
    found = {name: one.binding.id for name, one in active.items()}
    return {key: name for key, name in found.items() if name in BY_ID and BY_ID[name].where == where}


@pytest.mark.slow  # a test below changes keys by the former ids
async def test_every_key_can_be_remapped_by_its_id(seat_for_keys):
    """In each part of the screen all ids have only their new keys, and the first of these has its effect."""
    assert set(OTHERS) == set(BY_ID)
    bound = {}

    def look(seat, key):
        if key.where not in bound:
            bound[key.where] = _bound(seat, key.where)

    async with seat_for_keys(keys=OTHERS) as seat:
        first = {key.where: key for key in reversed(bindings.KEYS)}.values()
        await _walk(seat, first, lambda key: [OTHERS[key.id]], seat_for_keys.visited, look)
        await home(Fingers(seat, []))
        await seat.press("j", "q", "slash")  # the default keys do nothing now
        assert place(seat) == 0
        assert seat.app.return_code is None
        assert not isinstance(seat.app.focused, Prompt)
    told = {id_: key for here in bound.values() for key, id_ in here.items()}
    assert told == OTHERS
    assert sum(map(len, bound.values())) == len(OTHERS)


def test_every_former_id_maps_to_an_existing_id_and_is_not_used_again():
    assert not set(RENAMED) & set(BY_ID)
    assert set(RENAMED.values()) <= set(BY_ID)
    assert set(RENAMED) >= {"mark", "mark_range", "spenders", "spender_by", "spender_window", "token_by"}


@pytest.mark.parametrize("keys", [{"mark": "f6", "select": "f7"}, {"select": "f7", "mark": "f6"}])
def test_if_a_config_has_the_old_and_the_new_id_of_a_key_the_new_id_wins(keys):
    assert current_ids(keys) == {"select": "f7"}
    assert current_ids({"mark_range": "f8", "quit": "f9"}) == {"select_range": "f8", "quit": "f9"}


async def test_former_ids_in_a_config_still_change_their_keys(app):
    async with app(keys={"mark": "f6", "token_usage": "f7", "spender_back": "f8"}) as seat:
        _check_names(seat.app.settings, seat.app)
        await seat.press("space", "f6")
        await seat.sees("1 selected")
        await seat.press("f7")
        await seat.sees("Spend · last 24h")
        await seat.press("f8")
        await seat.until(lambda: seat.app.screen is seat.dashboard)


async def test_an_unknown_key_id_is_refused_with_the_nearest_current_one(app):
    async with app(keys={"spend_agnt": "f6"}) as seat:
        with pytest.raises(UsageError, match="no key has the id 'spend_agnt'") as caught:
            _check_names(seat.app.settings, seat.app)
        assert caught.value.hint == "Did you mean spend_agent?"
