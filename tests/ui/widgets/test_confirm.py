"""The dialog before an action that cannot be undone: No is the default, and only `y` answers Yes."""

from __future__ import annotations

import pytest

from flowtui.ui.paint import ink
from flowtui.ui.widgets.confirm import ConfirmScreen, Question

QUESTION = Question("Cancel [b]this[/b] run?", (ink.line("run_1 [red]x[/red]"),), "cancel it", "let it go on")


async def _asked(seat, question=QUESTION):
    answers = []
    seat.app.push_screen(ConfirmScreen(lambda _cells, _rows: question), answers.append)
    await seat.until(lambda: isinstance(seat.app.screen, ConfirmScreen))
    await seat.sees(question.title)
    return answers


async def test_only_y_answers_yes(app):
    async with app() as seat:
        for key in ("n", "enter", "escape", "q", "y"):
            answers = await _asked(seat)
            await seat.press(key)
            await seat.until(lambda answers=answers: answers)
            assert answers == [key == "y"], key
            assert seat.app.screen is seat.dashboard


async def test_other_keys_neither_answer_nor_act_on_the_dashboard(app):
    async with app() as seat:
        answers = await _asked(seat)
        before = seat.dashboard.table.cursor_run
        for key in (
            "j",
            "G",
            "space",
            "tab",
            "Y",
            "p",
            "colon",
            "ctrl+p",
            "ctrl+k",
            "question_mark",
            "slash",
        ):
            await seat.press(key)
            assert isinstance(seat.app.screen, ConfirmScreen), key
        assert answers == []
        await seat.press("n")
        await seat.until(lambda: answers)
        assert seat.dashboard.table.cursor_run == before


@pytest.mark.parametrize(("size", "plain"), [((60, 15), False), ((60, 15), True), ((140, 40), False)])
async def test_the_dialog_fits_and_interprets_no_markup(app, size, plain):
    async with app(size=size, ascii=plain) as seat:
        await _asked(seat)
        await seat.sees("run_1 [red]x[/red]", "y cancel it", "n enter esc let it go on")
        assert all(len(line) <= size[0] for line in seat.lines)
        if plain:
            assert "╭" not in "".join(seat.lines)


async def test_with_nothing_to_confirm_y_answers_no(app):
    gone = Question("Nothing", (), "", "close")
    async with app() as seat:
        answers = await _asked(seat, gone)
        await seat.press("y")
        await seat.until(lambda: answers)
        assert answers == [False]


async def test_the_question_follows_the_data_while_the_dialog_is_open(app):
    async with app() as seat:
        now = [QUESTION]
        answers = []
        seat.app.push_screen(ConfirmScreen(lambda _cells, _rows: now[0]), answers.append)
        await seat.sees("y cancel it")
        now[0] = Question("Nothing to cancel", (ink.line("run_1 has already ended"),), "", "close")
        await seat.sees("Nothing to cancel", "has already ended", "enter close")
        await seat.press("y")
        await seat.until(lambda: answers)
        assert answers == [False]
