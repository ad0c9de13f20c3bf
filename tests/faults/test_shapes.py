"""Runs and bodies that differ from the documentation: what cannot be read is noted, and everything else is shown.

One simulator serves all faults in rows, another one all faults in bodies; each is read once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flowtui.simulator.server import Simulator

from .conftest import NOW, Outcome
from .user_views import dashboard, field_of, line_of, shell, to_threads

HUGE = "123456789012345678901234567890"


class Rows(NamedTuple):
    """What was shown of a world with faults in its runs. `ids`: name of the fault, or a status -> id of its run.

    `jsonl` are the lines of `runs -o jsonl` by id, `pages` the output of `run ID` for each, `before` and `after` the
    dashboard's table, `modelless` its screen of the run without a model, with all fields, `raw` the raw JSON of each run.
    """

    ids: dict[str, str]
    runs: list[str]
    jsonl: dict[str, dict[str, Any]]
    table: str
    pages: dict[str, str]
    watched: dict[str, dict[str, Any]]
    plain: str
    twenty: Outcome
    before: str
    after: str
    flagged: str
    modelless: str
    raw: dict[str, str]

    def ours(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.jsonl[self.ids[name]]["flowtui"]
        return found

    def row(self, name: str) -> str:
        """Return the row of a run in the dashboard after the faults."""
        return line_of(self.after, self.ids[name])

    def printed(self, name: str) -> str:
        """Return the row of `runs -o table`."""
        return next(" ".join(line.split()) for line in self.table.splitlines() if self.ids[name] in line)

    def page(self, name: str) -> str:
        """Return what `run ID` says, with single spaces."""
        return " ".join(self.pages[name].split())

    def check_nothing_is_lost(self) -> None:
        for said in (self.before, self.after, self.table, "".join(self.jsonl), "".join(self.watched)):
            assert [run for run in self.runs if run not in said] == []


ON_COMPLETED = (
    "missing-status",
    "null-tools",
    "missing-model",
    "bad-created-at",
    "extra-fields",
    "lone-surrogate",
    "nan",
    "huge-tokens",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def rows(home: Path) -> Iterator[Rows]:
    with Simulator(seed=3, threads=2, runs=50, clock=lambda: NOW) as world:
        other, thread = world.thread_ids()
        with shell(world.url, home) as run:
            good = {line["id"]: line for line in run("runs", thread, "--all", "-o", "jsonl").lines}
            ids = {line["status"]: run_id for run_id, line in good.items()}
            ids["canceled"] = next(run_id for run_id, line in good.items() if line["status"] == "cancelled")
            done = [run_id for run_id, line in good.items() if line["status"] == "completed"]
            ids |= dict(zip(ON_COMPLETED, done, strict=False)) | {"unknown-status": ids["running"]}
            with dashboard(world.url, home) as screen:
                screen.until(screen.sees("50 known runs", "2/2 threads"))
                to_threads(screen)
                screen.press("j", "j", then=screen.sees(f"Runs · {thread}", *good))
                before = screen.text
                for fault in (*ON_COMPLETED, "canceled"):
                    world.add_fault(f"{fault}:{ids[fault]}")
                world.add_fault(f"unknown-status:paused={ids['running']}")
                world.add_fault(f"one-bad-element:{other}")
                screen.press("R", then=screen.sees("1 unreadable", "paused", "1.2e+29", *good))
                after = screen.text
                screen.press("k", then=screen.sees(f"Runs · {other}", "unreadable: usage", "1 unreadable ─╯"))
                flagged = screen.text
                screen.press(f":run {ids['missing-model']}", then=screen.sees(f"run {ids['missing-model']}"))
                screen.press("\r", then=screen.sees(f"╭─ {ids['missing-model']}", "instructions  "))
                screen.press("Z", then=screen.sees("Z hides"))
                modelless = screen.text
                screen.press("q", then=screen.sees("╭─ Threads"))
            pages = {fault: run("run", ids[fault], "-t", thread, "-o", "table").out for fault in ids}
            raw = {fault: run("run", ids[fault], "-t", thread, "-o", "json").out for fault in ids}
            listed = run("runs", thread, "--all", "-o", "jsonl")
            watch = ("watch", thread, "--once", "--heartbeat", "1000h")
            summary = home / "summary.json"
            plain = run(*watch, "-o", "plain", "--summary-file", str(summary)).out
            yield Rows(
                ids,
                list(good),
                {line["id"]: line for line in listed.lines},
                run("runs", thread, "--all", "-o", "table").out,
                pages,
                {line["run_id"]: line for line in json.loads(summary.read_text())["runs"]},
                plain,
                run("runs", other, "--limit", "20", "-o", "jsonl"),
                before,
                after,
                flagged,
                modelless,
                raw,
            )


def test_p17_a_run_without_a_status_gets_one_from_its_times(rows):
    """A run without a status: its times show that it has completed. Tables mark this as `completed?`, `run ID`, JSON and
    `watch` as inferred; JSON has no `status`, as in the answer.
    """
    rows.check_nothing_is_lost()
    inferred = "inferred from completed_at: the server sent no status"
    assert rows.row("missing-status").startswith("│ ✓ completed? ")
    assert rows.printed("missing-status").startswith("✓ completed? ")
    assert "no status, inferred" in rows.row("missing-status")
    assert f"status completed, {inferred}" in rows.page("missing-status")
    assert "status" not in rows.jsonl[rows.ids["missing-status"]]
    ours = rows.ours("missing-status")
    assert (ours["status_class"], ours["terminal"], ours["inferred"]) == ("completed", True, True)
    watched = rows.watched[rows.ids["missing-status"]]
    assert (watched["terminal"], watched["inferred"]) == (True, True)
    marked = {run_id for run_id, line in rows.jsonl.items() if "inferred" in line["flowtui"]}
    assert marked == {run_id for run_id, run in rows.watched.items() if "inferred" in run}
    assert marked == {rows.ids["missing-status"]}
    assert "; 1 status inferred   " in rows.plain.splitlines()[-1]


def test_p18_both_spellings_of_cancelled_are_one_status(rows):
    """A run that is `canceled` and one that is `cancelled`: both are cancelled and ended in tables and `watch`; raw JSON keeps each spelling."""
    for spelling in ("canceled", "cancelled"):
        assert rows.row(spelling).startswith("│ – cancelled ")
        assert rows.printed(spelling).startswith("– cancelled ")
        assert rows.jsonl[rows.ids[spelling]]["status"] == spelling
        assert (rows.ours(spelling)["status_class"], rows.ours(spelling)["terminal"]) == ("cancelled", True)
        assert rows.watched[rows.ids[spelling]]["status_class"] == "cancelled"
    assert "2 cancelled" in rows.plain.splitlines()[-1]


def test_p19_an_unknown_status_is_shown_verbatim_and_does_not_end_a_run(rows):
    """A running run becomes `paused`, an undocumented status: shown verbatim with a question mark, noted as unknown, not ended; `watch` counts it as unknown."""
    assert rows.row("unknown-status").startswith("│ ? paused? ")
    assert "unknown status" in rows.row("unknown-status")
    assert rows.printed("unknown-status").startswith("? paused? ")
    assert "status paused is_active yes" in rows.page("unknown-status")
    assert (rows.ours("unknown-status")["status_class"], rows.ours("unknown-status")["terminal"]) == (
        "unknown",
        False,
    )
    assert f"{rows.ids['unknown-status']}  paused?" in rows.plain
    assert rows.plain.splitlines()[-1].count("1 of unknown status") == 1


def test_p20_null_tools_and_metadata_are_shown_as_none(rows):
    """A run whose tools and metadata are null: shown without either, and nothing is noted as unreadable."""
    assert "meta_data —" in rows.page("null-tools")
    assert "tools (0)" in rows.page("null-tools")
    assert rows.ours("null-tools")["unreadable"] is None
    assert rows.row("null-tools").startswith("│ ✓ completed ")


def test_p21_a_missing_model_and_temperature_are_unknown(rows):
    """A run without a model and a temperature: both are shown as —, and nothing is noted as unreadable."""
    assert rows.row("missing-model").startswith("│ ✓ completed ")
    assert field_of(rows.modelless, "model") == "—"
    assert field_of(rows.modelless, "temperature") == "—"
    assert "model —" in rows.page("missing-model")
    assert "temperature —" in rows.page("missing-model")
    assert rows.ours("missing-model")["unreadable"] is None


def test_p22_an_invalid_date_is_noted_and_the_run_stays(rows):
    """A run created `yesterday, around noon`: its age is unknown, not 0, the note quotes the invalid time, and its other fields are shown."""
    told = "created_at: not a time: 'yesterday, around noon'"
    assert rows.ours("bad-created-at")["unreadable"] == told
    assert rows.watched[rows.ids["bad-created-at"]]["unreadable"] == told
    assert told in rows.printed("bad-created-at")
    assert told in rows.page("bad-created-at")
    assert "created —" in rows.page("bad-created-at")
    assert "— — 00:0" in rows.row("bad-created-at")
    assert "unreadable: created_at" in rows.row("bad-created-at")


def test_p23_unknown_fields_are_shown_and_change_nothing(rows):
    """A run with five unknown fields, one of them called `__class__`: a run like any other, and `run ID` shows them after all others."""
    assert rows.ours("extra-fields")["unreadable"] is None
    assert rows.jsonl[rows.ids["extra-fields"]]["__class__"] == "x"
    assert '__class__ "x"' in rows.page("extra-fields")
    assert rows.row("extra-fields").startswith("│ ✓ completed ")


def test_p24_one_invalid_element_of_twenty_hides_no_other(rows):
    """One run of a page of 20 is invalid: 19 are shown and 1 is flagged, with all five fields that could not be read; the dashboard counts it under the table."""
    assert rows.twenty.code == 0
    assert (len(rows.twenty.runs), len(rows.twenty.unreadable)) == (19, 1)
    told = rows.twenty.unreadable[0]["flowtui"]["unreadable"]
    assert [words.split(":")[0] for words in told.split("; ")] == ["usage", "status", "created_at"]
    assert "1 unreadable ─╯" in rows.flagged
    assert "unreadable: usage" in rows.flagged
    assert rows.flagged.count("│ ✓ completed") >= 19


def test_p26_half_a_surrogate_pair_is_replaced_on_screen_and_escaped_in_json(rows):
    """Instructions with an escaped lone surrogate: shown as a replacement character; JSON output escapes it as in the answer."""
    assert "half � a pair" in rows.page("lone-surrogate")
    assert '"half \\ud800 a pair"' in rows.raw["lone-surrogate"]
    assert rows.ours("lone-surrogate")["unreadable"] is None


def test_p27_nan_becomes_null_in_json(rows):
    """A temperature of NaN, which is not JSON: all runs of that body are shown, and JSON output has null."""
    assert rows.jsonl[rows.ids["nan"]]["temperature"] is None
    assert "NaN" not in rows.raw["nan"]
    assert rows.row("nan").startswith("│ ✓ completed ")


def test_p28_token_counts_of_thirty_digits_are_summed_and_fit_their_column(rows):
    """Token counts of 30 digits: every digit in JSON, 1.2e+29 in tables, columns do not move, sums include them."""
    assert rows.jsonl[rows.ids["huge-tokens"]]["usage"]["total_tokens"] == int(HUGE)
    assert " 1.2e+29 " in rows.row("huge-tokens")
    assert " 1.2e+29 " in rows.printed("huge-tokens")
    assert "1.2e+29 tokens" in rows.plain.splitlines()[-1]
    ends = {line.index("TOKENS") for line in rows.after.splitlines() if "TOKENS" in line}
    assert len(ends) == 1


# -- bodies ------------------------------------------------------------------------------------------------------------


class Bodies(NamedTuple):
    """What was shown of a world with broken bodies, by fault. `runs` are the runs of the thread before the fault.

    `listed` is `runs -o jsonl`, `watched` is `watch --once -o plain`, `screens` the thread in the dashboard.
    """

    runs: dict[str, list[str]]
    listed: dict[str, Outcome]
    table: dict[str, Outcome]
    watched: dict[str, Outcome]
    screens: dict[str, str]
    everything: Outcome

    def check_kept(self, fault: str) -> None:
        """The dashboard shows all runs that it had shown before, and those of the thread without a fault."""
        assert [run for run in self.runs[fault] if run not in self.screens[fault]] == []

    def check_refused(self, fault: str, reason: str) -> None:
        """Assert exit code 3, the reason on one line, and no output that looks complete."""
        self.check_kept(fault)
        for said in (self.listed[fault], self.table[fault]):
            assert said.code == 3
            assert reason in said.err
            assert said.err.count("\n") == 1
        assert self.listed[fault].out == ""
        assert f"the server sent {reason}"[:_CUT] in self.screens[fault]
        assert self.watched[fault].code == 3
        assert reason in self.watched[fault].out + self.watched[fault].err


_CUT = 32  # characters of a reason that always fit under the table

# In plain pytest, `tests/headless/test_faults_one_shot.py` serves each of these bodies to `runs`, and the dashboard of
# `test_transport.py` keeps its rows beside the error of each thread.
BODIES = pytest.mark.slow

BROKEN = ("bom", "truncated-json", "html", "empty-body", "object-body", "deep-json", "wrapped-data")
NAMED = {
    "truncated-json": "truncated JSON: it ends after",
    "html": "an HTML page instead of JSON (Just a moment...)",
    "empty-body": "an empty body instead of JSON",
    "object-body": "an object instead of an array",
}


@pytest.fixture(scope="module")
def broken(home: Path) -> Iterator[Bodies]:
    """Serve a good answer for each of eight threads, then a broken one for all but the last."""
    with Simulator(seed=7, threads=8, runs=48, clock=lambda: NOW) as world:
        threads = dict(zip(BROKEN, world.thread_ids(), strict=False))
        runs = {fault: world.run_ids(thread) for fault, thread in threads.items()}
        world.add_fault("stuck:newest")  # active threads are observed often
        screens: dict[str, str] = {}
        with dashboard(world.url, home, columns=170, rows=40) as screen:
            screen.until(screen.sees("48 known runs", "8/8 threads"))
            for fault, thread in threads.items():
                world.add_fault(f"{fault}:{thread}")
            to_threads(screen)
            for fault, thread in threads.items():
                told = "unreadable: nested" if fault == "deep-json" else ""
                told = f"the server sent {NAMED[fault]}"[:_CUT] if fault in NAMED else told
                screen.press("j", then=screen.sees(f"Runs · {thread}", told, *runs[fault]))
                screens[fault] = screen.text
        with shell(world.url, home) as run:
            watch = ("--once", "--give-up-after", "5s", "--heartbeat", "1000h", "-o", "plain")
            yield Bodies(
                runs,
                {fault: run("runs", thread, "-o", "jsonl") for fault, thread in threads.items()},
                {fault: run("runs", thread, "-o", "table") for fault, thread in threads.items()},
                {fault: run("watch", thread, *watch) for fault, thread in threads.items()},
                screens,
                run("runs", "-o", "jsonl"),
            )


@BODIES
def test_p25_a_byte_order_mark_is_ignored(broken):
    """A byte order mark before the JSON: every run is in every output, without a note."""
    broken.check_kept("bom")
    assert (broken.listed["bom"].code, broken.listed["bom"].err) == (0, "")
    assert [run["id"] for run in broken.listed["bom"].runs] == broken.runs["bom"]
    assert broken.watched["bom"].code in {0, 1, 8}


@BODIES
def test_p29_json_ten_thousand_deep_hides_one_element_only(broken):
    """One more run whose metadata nests 10,000 deep: its row shows `nested deeper than 200 levels`; all others stay, and there is no recursion error."""
    broken.check_kept("deep-json")
    said = broken.listed["deep-json"]
    assert (said.code, said.err) == (0, "")
    assert [run["id"] for run in said.runs] == broken.runs["deep-json"]
    assert [run["flowtui"]["unreadable"] for run in said.unreadable] == ["nested deeper than 200 levels"]
    assert "unreadable: nested" in broken.screens["deep-json"]


@BODIES
def test_p30_truncated_json_keeps_the_runs_before_the_break(broken):
    """JSON cut after two thirds: the runs before the break are printed, exit code 3 and the place of the break on stderr; the dashboard keeps all known runs and shows why they are stale."""
    broken.check_kept("truncated-json")
    said = broken.listed["truncated-json"]
    assert said.code == 3
    assert NAMED["truncated-json"] in said.err
    saved = [run["id"] for run in said.runs]
    assert 0 < len(saved) < len(broken.runs["truncated-json"])
    assert saved == broken.runs["truncated-json"][: len(saved)]
    assert "the server sent truncated JSON" in broken.screens["truncated-json"]
    assert broken.watched["truncated-json"].code == 3


@BODIES
def test_p31_an_html_page_with_status_200_is_an_error(broken):
    """An HTML page with status 200: the message has its title, exit code 3, the rows stay on the screen."""
    broken.check_refused("html", NAMED["html"])


@BODIES
def test_p32_an_empty_body_is_an_error(broken):
    """An empty body with status 200: an error, not `no runs`; the rows stay on the screen."""
    broken.check_refused("empty-body", NAMED["empty-body"])


@BODIES
def test_p33_an_array_in_data_is_read_and_other_objects_are_refused(broken):
    """The array in `{"data": [...]}`: read like a bare array. Any other object: an error that names it, exit code 3, the rows stay."""
    said = broken.listed["wrapped-data"]
    assert (said.code, [run["id"] for run in said.runs]) == (0, broken.runs["wrapped-data"])
    broken.check_kept("wrapped-data")
    broken.check_refused("object-body", NAMED["object-body"])


@BODIES
def test_five_broken_threads_of_eight_hide_no_run_of_the_others(broken):
    assert broken.everything.code == 3
    shown = {run["id"] for run in broken.everything.runs}
    for fault in ("bom", "deep-json", "wrapped-data"):
        assert shown.issuperset(broken.runs[fault])
    assert [reason for reason in NAMED.values() if reason not in broken.everything.err] == []
