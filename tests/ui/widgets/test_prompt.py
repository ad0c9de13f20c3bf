"""The prompt: it posts the text while the user types, and closes with keep or discard."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import App

from flowtui.ui.paint.theme import NIGHT
from flowtui.ui.widgets.prompt import Prompt


class Host(App[None]):
    """An application with one prompt, whose messages are collected."""

    CSS: ClassVar[str] = "Screen { background: $background; }"

    def __init__(self):
        super().__init__()
        self.register_theme(NIGHT)
        self.theme = "night"
        self.said = []

    def compose(self):
        yield Prompt("what?")

    def on_prompt_typed(self, message):
        self.said.append(("typed", message.text))

    def on_prompt_closed(self, message):
        self.said.append(("closed", message.text))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["a", "b", "enter"], [("typed", "a"), ("typed", "ab"), ("closed", "ab")]),
        (["a", "escape"], [("typed", "a"), ("closed", "")]),
        (["a", "down"], [("typed", "a"), ("closed", "a")]),
        (["a", "backspace", "enter"], [("typed", "a"), ("typed", ""), ("closed", "")]),
        (["enter"], [("closed", "")]),
    ],
)
async def test_a_prompt_posts_the_typed_text_and_how_it_was_closed(keys, said):
    host = Host()
    async with host.run_test() as pilot:
        prompt = host.query_one(Prompt)
        assert not prompt.display
        prompt.open()
        await pilot.pause()
        assert prompt.display
        assert prompt.has_focus
        await pilot.press(*keys)
        assert host.said == said
        assert not prompt.display


async def test_a_prompt_opens_with_a_text_and_the_cursor_at_its_end():
    host = Host()
    async with host.run_test() as pilot:
        prompt = host.query_one(Prompt)
        prompt.open("abc")
        await pilot.pause()
        await pilot.press("d", "enter")
        assert host.said[-1] == ("closed", "abcd")
        prompt.open("x")
        await pilot.pause()
        await pilot.press("escape")
        assert host.said[-1] == ("closed", "")
