"""`--redact` hides instructions, messages, metadata and texts that may quote them, in each output and file.

Each private text of the server begins with PRIVATE; without the option all of them are shown. The dashboard is tested in
`tests/ui/run/test_redacted.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ..clocks import WaitingClock
from .answer_server import BEFORE, FAILED, THREAD, AnswerServer
from .conftest import NOW

PRIVATE = re.compile(r"PRIV[A-Za-z-]*")
COLUMNS = (
    "run,status,note,meta_data.env,.meta_data,.instructions,tools[0].function.name,tools[0].function.description,"
    "usage.prompt_tokens,.usage,.last_error"
)


@pytest.fixture(scope="module")
def server() -> Iterator[AnswerServer]:
    with AnswerServer() as server:
        yield server


@pytest.fixture
def said(flowtui, server):
    """Run a command with and without `--redact`; return both outputs."""

    def run(*words):
        outs = []
        for more in (("--redact",), ()):
            done = flowtui(*words, *more, clock=WaitingClock(NOW), SEEKR_BASE_URL=server.url)
            assert done.code in (0, 1)  # 1: a run failed, in `watch`
            outs.append(done.out + done.err)
        return outs

    return run


@pytest.mark.parametrize("output", ["json", "jsonl", "csv", "table"])
def test_the_list_of_runs_hides_private_texts(said, output):
    hidden, shown = said("runs", THREAD, "-o", output, "--columns", COLUMNS)
    assert PRIVATE.findall(hidden) == []
    assert "PRIVATE-env" in shown
    assert "[redacted]" in hidden
    for public in (FAILED, BEFORE, "failed"):
        assert public in hidden
    if output in ("csv", "table"):
        assert "crm_lookup" in hidden
        assert " 11 " in hidden or ",11," in hidden


@pytest.mark.parametrize("output", ["json", "jsonl", "csv", "table", "markdown"])
def test_one_run_hides_private_texts(said, output):
    hidden, shown = said("run", FAILED, "-t", THREAD, "-o", output)
    assert PRIVATE.findall(hidden) == []
    if output != "csv":  # csv has no private columns
        assert len(set(PRIVATE.findall(shown))) > 8
        assert "[redacted]" in hidden.replace("\\", "")
    for public in (FAILED, "failed", "llama", "18"):
        assert public in hidden


def test_a_report_is_marked_as_redacted_and_keeps_public_fields(said):
    hidden, shown = said("run", FAILED, "-t", THREAD, "-o", "markdown")
    assert {"PRIVATE-exception", "PRIVATE-error", "PRIVATE-answer"} <= set(PRIVATE.findall(shown))
    assert (
        "On request, instructions, messages, metadata and what could quote them read `[redacted]`." in hidden
    )
    assert "**HTTPError**" in hidden
    assert "crm\\_lookup" in hidden
    configs = [re.search(r"Fingerprint of .*: ([0-9a-f]{7})", text) for text in (hidden, shown)]
    assert configs[0] is not None
    assert configs[1] is not None
    assert configs[0][1] == configs[1][1]


@pytest.mark.parametrize("output", ["json", "csv", "table"])
def test_group_and_labels_of_spans_keep_their_names(said, output):
    hidden, shown = said("runs", THREAD, "-o", output, "--columns", "run,group,labels,label.x")
    assert {"PRIVATE-group", "PRIVATE-span-label"} <= set(PRIVATE.findall(shown))
    assert PRIVATE.findall(hidden) == []
    assert ('"x": "[redacted]"' if output == "json" else "x=[redacted]") in hidden


def test_the_list_of_threads_hides_private_texts(said):
    hidden, shown = said("threads", "-o", "json")
    assert "PRIVATE-thread-label" in shown
    assert PRIVATE.findall(hidden) == []
    assert THREAD in hidden


@pytest.mark.parametrize("output", ["jsonl", "json", "plain", "github"])
def test_a_watch_names_tool_and_exception_and_hides_their_text(said, output):
    hidden, shown = said("watch", THREAD, "-o", output)
    assert "PRIVATE-exception 502" in shown
    assert PRIVATE.findall(hidden) == []
    if output != "github":  # github has no line for a run that failed before
        assert "[redacted]" in hidden


def test_the_config_file_can_set_redact(flowtui, server, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("redact = true\n[profiles.open]\nredact = false\n")
    words = ("run", FAILED, "-t", THREAD, "-o", "json", "--config", str(config))
    assert PRIVATE.findall(flowtui(*words, SEEKR_BASE_URL=server.url).out) == []
    assert PRIVATE.findall(flowtui(*words, "--profile", "open", SEEKR_BASE_URL=server.url).out) != []
