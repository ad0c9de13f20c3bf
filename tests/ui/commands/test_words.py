"""The vocabulary of the command line: key ids, arguments, completion, and suggestions for typing errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.ui.commands.words import (
    ARGUMENTS,
    ParsedCommand,
    complete,
    find_command,
    parse_command,
    unknown_name,
    words,
)
from flowtui.ui.keys import bindings

PLACES = (bindings.TABLE, bindings.DASHBOARD, bindings.PANE, bindings.THREADS, bindings.APP)
KNOWN = words(PLACES)
THEMES = [("night", "now"), ("day", ""), ("blue-orange", "")]


def _values(kind):
    return {"theme": THEMES, "columns": [("run", ""), ("status", ""), ("tokens", "")]}.get(kind, [])


def _offered(text, cursor=None):
    found = complete(text, len(text) if cursor is None else cursor, KNOWN, _values)
    return [item.text for item in found.items]


def test_every_key_of_a_screen_is_a_command_with_the_same_help_text():
    for key in bindings.KEYS:
        if key.where in PLACES and key.id not in ("palette", "command_line", "interrupt"):
            assert key.id in KNOWN
        elif key.where not in PLACES:
            assert key.id not in KNOWN or KNOWN[key.id].where in PLACES
    assert KNOWN["pause"].help == next(key.help for key in bindings.KEYS if key.id == "pause")
    assert "run_back" in words((bindings.RUN, bindings.APP))


def test_commands_with_an_argument_exist_on_every_screen_but_have_a_key_only_where_it_is_bound():
    everywhere = words((bindings.APP,))
    assert {each.name for each in ARGUMENTS} <= set(everywhere)
    assert KNOWN["sort"].key is not None
    assert everywhere["sort"].key is None
    assert everywhere["help"].key is not None
    assert everywhere["quit"].key is None


def test_the_key_named_by_a_command_with_an_argument_exists():
    ids = {key.id for key in bindings.KEYS}
    assert {each.bare for each in ARGUMENTS if each.bare} <= ids


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sort tokens", ParsedCommand("sort", "tokens")),
        ("  :sort   tokens ", ParsedCommand("sort", "tokens")),
        ("Refresh-All", ParsedCommand("refresh_all")),
        ("filter status:failed or  x", ParsedCommand("filter", "status:failed or  x")),
        ("", ParsedCommand("")),
        (":", ParsedCommand("")),
    ],
)
def test_a_line_is_parsed_into_command_and_argument(text, said):
    assert parse_command(text) == said


def test_an_unambiguous_prefix_finds_its_command():
    assert find_command("pau", KNOWN) is KNOWN["pause"]
    assert find_command("q", KNOWN).name == "quit"
    assert find_command("sort", KNOWN) is KNOWN["sort"]
    assert find_command("re", KNOWN) is None
    assert find_command("", KNOWN) is None
    assert find_command("nope", KNOWN) is None


def test_an_unknown_command_suggests_the_nearest():
    assert unknown_name("sotr", KNOWN) == "There is no command 'sotr'. Did you mean sort?"
    assert unknown_name("qqqq", KNOWN) == "There is no command 'qqqq'"
    assert unknown_name("refr", KNOWN).startswith("'refr' may be refresh, refresh_all")
    assert unknown_name("DYA", ["Day"], "theme") == "There is no theme 'DYA'. Did you mean Day?"
    assert len(unknown_name("x\x1b[31m" * 900, KNOWN)) < 100
    assert "\x1b" not in unknown_name("\x1b[2J", KNOWN)


def test_commands_are_completed_then_their_arguments():
    assert _offered("so") == ["sort", *(name for name in _offered("so") if name != "sort")]
    assert _offered("refresh-a") == ["refresh_all"]
    assert _offered("theme ") == ["night", "day", "blue-orange"]
    assert _offered("theme da") == ["day"]
    assert _offered("theme orange") == ["blue-orange"]
    assert _offered("pause ") == []
    assert _offered("nope x") == []
    assert _offered("columns run,sta") == ["status"]
    assert len(_offered("")) > 20


@given(st.text(max_size=60), st.integers(0, 60))
def test_no_input_makes_completion_fail(text, cursor):
    cursor = min(cursor, len(text))
    found = complete(text, cursor, KNOWN, _values)
    assert 0 <= found.start <= found.end <= len(text)
    name, _ = parse_command(text)
    if find_command(name, KNOWN) is None:
        assert "\n" not in unknown_name(name, KNOWN)
