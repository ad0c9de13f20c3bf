"""`runs` against every fault of the simulator: exit code, reason on stderr, and the good runs on stdout."""

import json
from itertools import cycle, product

import pytest

from flowtui.simulator.faults import FAULTS

SLOW = {"slow", "drip"}
"""Tested with a short deadline, below."""

FATAL = {
    # fault: (how many of 14 runs are still printed, words of the reason)
    "truncated-json": (range(1, 14), "truncated JSON"),
    "html": (range(1), "an HTML page instead of JSON"),
    "empty-body": (range(1), "an empty body"),
    "body": (range(1), "null instead of an array"),
    "object-body": (range(1), "an object instead of an array"),
    "trailing-text": (range(14, 15), "not JSON"),
    "ndjson": (range(15), "not JSON"),
    "unauthorized": (range(1), "401"),
    "forbidden": (range(1), "403"),
    "bearer": (range(1), "auth_scheme"),
    "not-found": (range(1), "404"),
    "rejected": (range(1), "422"),
    "rate-limit": (range(1), "429"),
    "rate-limit-date": (range(1), "429"),
    "rate-limit-ms": (range(1), "429"),
    "rate-limit-bare": (range(1), "429"),
    "rate-limit-odd": (range(1), "429"),
    "bad-gateway": (range(1), "502"),
    "unavailable": (range(1), "503"),
    "request-timeout": (range(1), "408"),
    "no-content": (range(1), "empty body"),
    "error-envelope": (range(1), "500"),
    "error-escape": (range(1), "500"),
    "redirect": (range(1), "302"),
    "slash-circle": (range(1), "without a slash at its end, which was not followed"),
    "to-slash-double": (range(1), "another path on the same host"),
    "to-slash-elsewhere": (range(1), "elsewhere.invalid"),
    "to-slash-query": (range(1), "the same path with another query"),
    "to-slash-user": (range(1), "an address with a user name"),
    "reset": (range(1), "127.0.0.1"),
    "short-body": (range(1), "broke off"),
    "gzip-bomb": (range(1), "larger than"),
    "endless": (range(1), "larger than"),
    "bad-gzip": (range(1), "compressed"),
}

FLAGGED = {
    # fault: (good runs, elements marked as unreadable)
    "wrong-types": (0, 14),
    "missing-id": (0, 14),
    "null-id": (0, 14),
    "numeric-id": (0, 14),
    "bad-created-at": (0, 14),
    "impossible-date": (0, 14),
    "huge-epoch": (0, 14),
    "string-tokens": (0, None),
    "float-tokens": (0, None),
    "one-bad-element": (13, 1),
    "one-scalar-element": (13, None),
    "null-elements": (14, None),
    "deep-json": (14, 1),
}

MORE = {"duplicate-keys": 15, "shifting": None, "churning": None}
"""Faults that add runs."""


def control_free(text):
    return text.isascii() and printable(text)


def printable(text):
    return text.replace("\n", "").isprintable()


@pytest.fixture
def thread(simulator):
    found = max(simulator.thread_ids(), key=lambda thread: len(simulator.run_ids(thread)))
    assert len(simulator.run_ids(found)) == 14
    return found


ASKED = sorted(name for name, fault in FAULTS.items() if fault.scope in ("all", "runs", "agents"))
# `runs` never asks for the others: the first of each kind stands for all.
OTHERS = sorted({fault.scope: name for name, fault in reversed(FAULTS.items())}.values())


@pytest.mark.parametrize("fault", sorted({*ASKED, *OTHERS} - SLOW))
def test_each_fault_has_its_exit_code_reason_and_good_runs(fault, flowtui, simulator, thread):
    simulator.add_fault(fault)
    code = flowtui("runs", thread, "--all", "-o", "jsonl")
    objects = [json.loads(line) for line in flowtui.out.splitlines()]
    unreadable = [item for item in objects if item["flowtui"]["unreadable"] is not None]
    assert control_free(flowtui.out)
    assert all(item["v"] == 1 for item in objects)
    if fault in FATAL:
        printed, reason = FATAL[fault]
        assert code == 3
        assert len(objects) in printed
        assert reason in flowtui.err
        assert flowtui.err.count("\n") == 1
        assert flowtui.err.startswith("flowtui: ")
        assert "\x1b" not in flowtui.err
        return
    assert (code, flowtui.err) == (0, "")
    good, bad = FLAGGED.get(fault, (MORE.get(fault, 14), 0))
    if bad is None:
        assert unreadable
    else:
        assert len(unreadable) == bad
    if good is not None:
        assert len(objects) - len(unreadable) >= good


TEXTS = sorted(name for name in FAULTS if name.startswith("text-"))


# Text is made safe when a body is read, for all formats alike: so each fault is tested with one format only.
@pytest.mark.parametrize(("fault", "output"), list(zip(TEXTS, cycle(["table", "csv", "json"]))))
def test_no_output_format_prints_control_characters(fault, output, flowtui, simulator, thread):
    simulator.add_fault(fault)
    assert flowtui("runs", thread, "-o", output) == 0
    assert printable(flowtui.out)
    rows = 14 if output == "json" else 15
    assert len(flowtui.out.splitlines()) == rows + (2 if output == "json" else 0)


BARE = sorted(name for name in FAULTS if name.startswith(("null", "bare")))


@pytest.mark.parametrize(
    ("fault", "output"), [*zip(TEXTS, cycle(["table", "json"])), *product(BARE, ["table", "json"])]
)
def test_a_single_run_can_be_printed_too(fault, output, flowtui, simulator, thread):
    run_id = simulator.run_ids(thread)[0]
    simulator.add_fault(fault)
    assert flowtui("run", run_id, "-t", thread, "-o", output) == 0
    assert printable(flowtui.out)


@pytest.mark.parametrize("fault", ["drip", "slow:5"])
def test_a_slow_body_ends_at_the_deadline(fault, flowtui, simulator, thread, tmp_path):
    config = tmp_path / "quick.toml"
    config.write_text('request_timeout = "0.1s"\n')
    simulator.add_fault(fault)
    flowtui.clock.time = 0.0
    code = flowtui("runs", thread, "-o", "jsonl", FLOWTUI_CONFIG=str(config))
    assert (code, flowtui.out) == (3, "")
    assert "within 0.1 s" in flowtui.err


@pytest.mark.parametrize(
    "fault", sorted({"html", "unauthorized", "server-error:99@threads", "truncated-json@threads"})
)
def test_the_list_of_threads_fails_like_any_other(fault, flowtui, simulator):
    simulator.add_fault(fault if "@" in fault else f"{fault}@all")
    assert flowtui("threads", "-o", "json") == 3
    assert json.loads(flowtui.out)["v"] == 1
    assert flowtui.err.count("\n") == 1


def test_a_listed_thread_whose_id_no_path_can_hold_affects_no_other(flowtui, simulator):
    simulator.add_fault("thread-id:..")
    assert flowtui("runs", "-o", "jsonl") == 3
    assert "'..' is no id" in flowtui.err
