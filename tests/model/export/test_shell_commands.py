"""Shell commands that show a run: exact text, one word for each id, and never the key."""

import shlex
import shutil

import pytest

from flowtui.cli.arguments import parse
from flowtui.cli.commands import COMMANDS
from flowtui.config.settings import Settings
from flowtui.model.export.shell_commands import (
    curl_command,
    page_address,
    run_command,
    shell_word,
    watch_command,
)
from flowtui.model.run.parsing import parse_run

from ... import processes

HOSTILE = (
    "run_1",
    "a b",
    "$(touch x)",
    "`id`",
    "it's",
    'say "x"',
    "a;rm -rf ~",
    "-rf",
    "=ls",
    "!!",
    "a\nb",
    "\x1b[2J",
    "\u202egnp",
    "x|y&z>w",
    "..%2f",
    "a\\b'c\x7f",
    "漢字",
    "a\tb",
    "$HOME",
    "*",
    "{a,b}",
    "runs",
)
BASH = shutil.which("bash") or pytest.skip("no bash here", allow_module_level=True)


def a_run(run_id="run_71", thread="thr_9a"):
    return parse_run({"id": run_id, "status": "failed"}, thread)


def words_of(line):
    """Return the words that bash makes of a line."""
    done = processes.run(
        [BASH, "-c", f"printf '%s\\0' {line}"],
        capture_output=True,
        check=True,
        env={"SEEKR_API_KEY": "KEY", "PROD_KEY": "KEY"},
    )
    assert not done.stderr
    return [word.decode() for word in done.stdout.split(b"\0")[:-1]]


def test_the_usual_commands_are_valid_command_lines():
    run = a_run()
    assert run_command(run) == "flowtui run run_71 -t thr_9a"
    assert watch_command(run) == "flowtui watch thr_9a --run run_71"
    assert curl_command(run, Settings()) == (
        'curl -sS -H "Authorization: $SEEKR_API_KEY" https://flow.seekr.com/v1/threads/thr_9a/runs/run_71'
    )


def test_the_curl_command_sends_the_same_request_as_the_client():
    settings = Settings(
        base_url="http://[::1]:80/x",
        team="t'; id",
        auth_scheme="bearer",
        api_key_env="PROD_KEY",
        ca_bundle="/a b.pem",
        proxy="http://user:secret@proxy:1",
    )
    line = curl_command(a_run("r/1", "t?"), settings)
    assert words_of(line) == [
        "curl",
        "-sS",
        "-H",
        "Authorization: Bearer KEY",
        "-H",
        "x-team-id: t'; id",
        "--cacert",
        "/a b.pem",
        "--globoff",
        "http://[::1]:80/x/v1/threads/t%3F/runs/r%2F1",
    ]
    assert '"Authorization: Bearer $PROD_KEY"' in line
    assert "secret" not in line


def test_another_profile_or_server_is_an_option():
    run = a_run()
    assert run_command(run, Settings()) == run_command(run)
    assert watch_command(run, Settings(profile="prod")).endswith(" --profile=prod")
    assert run_command(run, Settings(base_url="http://h:1")).endswith(" --base-url=http://h:1")


@pytest.mark.parametrize("place", ["run", "thread"])
@pytest.mark.parametrize("raw", HOSTILE)
def test_hostile_ids_reach_the_command_line_unchanged(raw, place):
    run = a_run(**{"run": {"run_id": raw}, "thread": {"thread": raw}}[place])
    settings = Settings(profile="it's", base_url="https://h")
    for line in (run_command(run, settings), watch_command(run, settings), curl_command(run, settings)):
        assert line.isprintable()
        assert processes.run([BASH, "-n", "-c", line], check=False, capture_output=True).returncode == 0
    call = parse(words_of(run_command(run, settings))[1:], COMMANDS, {})
    assert (call.command.name, call.words, call.options.thread) == ("run", [run.raw_id], run.thread_key)
    assert call.options.profile == "it's"
    call = parse(words_of(watch_command(run, settings))[1:], COMMANDS, {})
    assert (call.command.name, call.words, call.options.run) == ("watch", [run.thread_key], [run.raw_id])


@pytest.mark.parametrize("raw", ["", ".", ".."])
def test_an_id_that_cannot_be_part_of_a_url_path_has_no_command(raw):
    run = a_run()._replace(raw_id=raw)
    assert (run_command(run), watch_command(run), curl_command(run, Settings())) == ("", "", "")


@pytest.mark.parametrize("raw", ["a\0b", "a\ud800b"])
def test_an_id_that_cannot_be_a_shell_word_has_only_a_curl_command(raw):
    run = a_run()._replace(raw_id=raw)
    assert (run_command(run), watch_command(run)) == ("", "")
    assert curl_command(run, Settings()).isascii()


def test_a_row_without_an_id_has_no_command():
    run = parse_run({"status": "failed"}, "thr_1")
    assert run.placeholder
    assert (run_command(run), watch_command(run), curl_command(run, Settings())) == ("", "", "")


@pytest.mark.parametrize("raw", HOSTILE)
def test_a_shell_word_is_display_safe_and_a_single_word(raw):
    word = shell_word(raw)
    assert word.isprintable()
    assert words_of(word) == [raw]
    if raw == "run_1":
        assert word == shlex.quote(raw)


def test_a_page_address_is_valid_for_any_ids():
    template = "https://h/{thread_id}?r={run_id}"
    assert page_address(template, a_run("a/b&c", "{run_id}")) == "https://h/%7Brun_id%7D?r=a%2Fb%26c"
