"""Every key of the README's table, pressed: what must be seen afterwards stands in a scene, one for each id.

The scenes run once with every spelling of every key, and once more under a config that gives every id another key.
"""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from flowtui.ui import keys
from flowtui.ui.prompt import Prompt

from . import key_scenes_run  # noqa: F401  its scenes enter themselves
from .key_scenes import BY_ID, PRESSED, SIZE, URL, Fingers, home, place


def test_every_key_has_a_scene():
    assert set(PRESSED) == set(BY_ID)


@pytest.fixture
def seat_for_keys(app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    visited = []
    monkeypatch.setattr(webbrowser, "open", lambda url, **_: visited.append(url))

    def open_app(**settings):
        return app(size=SIZE, run_url=URL, world={"runs": 24}, **settings)

    open_app.visited = visited
    return open_app


async def _walk(seat, spellings, visited):
    seat = Fingers(seat, visited)
    for key in keys.KEYS:
        for spelling in spellings(key):
            await home(seat)
            await seat.until(lambda: not isinstance(seat.app.focused, Prompt))
            for picture in Path.cwd().glob("flowtui-*.svg"):
                picture.unlink()

            async def press(spelling=spelling):
                await seat.press(spelling)

            try:
                await PRESSED[key.id](seat, key.id, press)
            except BaseException as error:
                error.add_note(f"key {key.id}, pressed as {spelling}")
                raise


@pytest.mark.timeout(240)  # a walk of a hundred keys, on a machine that may have ten other jobs
async def test_every_key_does_what_the_table_says_in_every_spelling(seat_for_keys):
    async with seat_for_keys() as seat:
        await _walk(seat, lambda key: key.keys.split(","), seat_for_keys.visited)


OTHERS = dict(
    zip(
        BY_ID,
        [f"{held}f{number}" for held in ("", "shift+", "ctrl+", "ctrl+shift+") for number in range(1, 21)],
        strict=False,
    )
)


@pytest.mark.timeout(240)
async def test_every_key_can_be_given_another_by_its_id(seat_for_keys):
    assert set(OTHERS) == set(BY_ID)
    async with seat_for_keys(keys=OTHERS) as seat:
        await _walk(seat, lambda key: [OTHERS[key.id]], seat_for_keys.visited)
        await home(Fingers(seat, []))
        await seat.press("j", "q", "slash")  # the old ones do nothing now
        assert place(seat) == 0
        assert seat.app.return_code is None
        assert not isinstance(seat.app.focused, Prompt)
