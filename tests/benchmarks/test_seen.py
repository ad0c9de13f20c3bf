"""The oracle reads each claim from a screen, also with wide characters and adjacent frames."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.oracle.card import Opened, read_card
from benchmarks.oracle.order import disorder
from benchmarks.oracle.readings import KINDS, Readings
from benchmarks.oracle.seen import Listed, read

HEAD = (
    " flowtui  default 127.0.0.1:37587  ● live next 2s every 4s  24/24 threads     21 active  51 failed of 1,321 known runs  "
    "09:23:39 "
)
THREADS = """\
► all threads    21● 51×
  thr_c20aea ■     3●
  thr_11c96d ■?  seen 2m
  thr_c33b85 ■?  40s 1● 1×
  thr_0a77b1     stale 40s
  thr_9d2b40       lost 1×
  thr_f57152"""
RUNS = """\
 STATUS       RUN         THREAD      AGENT               AGE ▼  WAIT   TIME  TOKENS  NOTE
 ○ queued     run_19ed22  thr_c20aea  billing                0s    0s      —       —                     ▇
 ● running    run_de0b44  thr_56ba14  多~言~語~-concierge       4s    0s  00:03    857+  ━───── usually 00:05
 ✓ completed  run_1d43bb  thr_55161b  research               2m    0s  01:03   4,018  wait         leaves



"""
RUN = """\
 1 Info  2 Instr

 × failed  payments: no connection to psp-eu-2:# within #                      07:59:59  1m ago
   in crm, after 22s   once"""


def _frame(title, text, bottom="", *, cells):
    inner = [f"│{line.ljust(cells)}│" for line in text.splitlines()]
    return [f"╭─ {title} ".ljust(cells + 1, "─") + "╮", *inner, "╰" + f" {bottom} ".rjust(cells, "─") + "╯"]


def _screen():
    """Lines of cells, as in a terminal: a wide character is followed by NUL."""
    left = _frame("Threads 2 · known runs", THREADS, "read again within 20s", cells=26)
    title = 'Runs · all threads · active only · "tokens>5000"'
    right = _frame(title, RUNS, "3 new, 1 would move   press . to update", cells=106)
    below = _frame("run_7e187c", RUN, cells=134)
    beside = [one + other for one, other in zip(left, right, strict=True)]
    return [line.replace("~", "\0") for line in [HEAD.ljust(136), *beside, *below]]


def test_the_header_is_read():
    seen = read(_screen())
    assert seen.clock == 9 * 3600 + 23 * 60 + 39
    assert (seen.health, seen.server, seen.stretched) == ("live", "", 4.0)
    assert seen.counts == (21, 51, 1321)


def test_the_rows_are_read_with_their_cells_by_column():
    table = read(_screen()).table
    queued, running, completed = table.rows
    assert (queued.id, queued.status, queued.cells["TIME"], queued.cells["TOKENS"]) == (
        "run_19ed22",
        "queued",
        "—",
        "—",
    )
    assert running.cells | {"NOTE": ""} == {
        "STATUS": "● running",
        "RUN": "run_de0b44",
        "THREAD": "thr_56ba14",
        "AGENT": "多言語-concierge",
        "AGE": "4s",
        "WAIT": "0s",
        "TIME": "00:03",
        "TOKENS": "857+",
        "NOTE": "",
    }
    assert [row.leaves for row in table.rows] == [False, False, True]
    assert completed.cells["TOKENS"] == "4,018"


def test_order_and_filter_of_the_table_are_read():
    table = read(_screen()).table
    assert (table.order, table.filter, table.room, table.waits) == (("AGE", "▼"), "tokens>5000", True, True)


def test_the_list_of_threads_is_read():
    seen = read(_screen())
    assert seen.checked == 20.0
    assert seen.threads == [
        Listed("all threads", locked=False, doubtful=False, active=21, failed=51, word="", age=""),
        Listed("thr_c20aea", locked=True, doubtful=False, active=3, failed=None, word="", age=""),
        Listed("thr_11c96d", locked=True, doubtful=True, active=None, failed=None, word="seen", age="2m"),
        Listed("thr_c33b85", locked=True, doubtful=True, active=1, failed=1, word="", age="40s"),
        Listed("thr_0a77b1", locked=False, doubtful=False, active=None, failed=None, word="stale", age="40s"),
        Listed("thr_9d2b40", locked=False, doubtful=False, active=None, failed=1, word="lost", age=""),
        Listed("thr_f57152", locked=False, doubtful=False, active=None, failed=None, word="", age=""),
    ]


def test_the_opened_run_is_read():
    opened = Opened("run_7e187c", "failed", "22s", ended=7 * 3600 + 59 * 60 + 59, ago="1m")
    assert read(_screen()).opened == opened


@pytest.mark.parametrize(
    ("lines", "opened"),
    [
        (
            [" ✓ completed  in 8.8s                                      07:59:18  41s ago  "],
            Opened("run_7e187c", "completed", "8.8s", ended=28758, ago="41s"),
        ),
        (
            [" ● running  00:00  in chat Llama                              since 07:59:59  "],
            Opened("run_7e187c", "running", "00:00", since=28799),
        ),
        (
            [" ○ queued  1m 47s  waits for run_4a6b20              as of 08:00  "],
            Opened("run_7e187c", "queued", "1m 47s", known=True),
        ),
        (
            ["  ✓ completed  in 5.1s          support   thr_1", "    as usual       30 Nov 12:06:31  9h ago"],
            Opened("run_7e187c", "completed", "5.1s", ended=43591, ago="9h"),
        ),
        (
            [" – cancelled  before it started     07:59:18  41s ago"],
            Opened("run_7e187c", "cancelled", "before it started", ended=28758, ago="41s"),
        ),
        (
            [" × failed  card 4.4s after the start", "   in crm, 4.4s after the start   once"],
            Opened("run_7e187c", "failed"),
        ),
        ([" ✓ 9 completed      × 1 failed "], None),
    ],
)
def test_the_head_of_each_card_is_read(lines, opened):
    assert read_card("run_7e187c · support", ["", *lines]) == opened


@pytest.mark.parametrize(
    ("words", "server", "old"),
    [
        ("● server down  data 47s old next try in 2s", "down", "47s"),
        ("● rate-limited  5m old", "rate-limited", "5m"),
        ("● server down 2s", "down", ""),
        ("● live next 2s  4/4 threads, data 1s old", "", "1s"),
    ],
)
def test_an_outage_and_the_age_of_the_data_are_read(words, server, old):
    seen = read([f" flowtui  default  {words}     3 active  1 failed in 16 runs  08:00:00 "])
    assert (seen.server, seen.old) == (server, old)
    assert seen.counts == (3, 1, 16)


def _golden(name, columns, rows):
    """The text of an approved screen, with a number in place of each blanked one, and of its full width again."""
    path = Path(__file__).parents[1] / "ui" / "__snapshots__" / "test_snapshots" / f"{name}.txt"
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines()[: 2 * rows : 2]:
        whole = re.sub(r"(within )Ns", r"\g<1>30s", line).replace("Ns", "2s")
        edge = whole[-1:].strip("0123456789")  # of a frame
        lines.append(whole.removesuffix(edge).ljust(columns - len(edge)) + edge)
    return lines


@pytest.mark.parametrize(
    ("name", "columns", "rows"),
    [
        ("test_the_dashboard[size0-night]", 158, 38),
        ("test_the_dashboard[size1-day]", 120, 36),
    ],
)
def test_the_oracle_reads_each_kind_of_claim_of_the_real_dashboard(name, columns, rows):
    """If the screen changes its words, this fails: the oracle would see fewer claims, and find none of them wrong."""
    seen = read(_golden(name, columns, rows))
    for kind, (visible, was_read) in KINDS.items():
        assert not visible(seen) or was_read(seen), kind
        assert visible(seen) or kind in ("WAIT", "locks"), f"{kind} is not visible"
    assert (seen.counts, seen.checked) == ((3, 1, 16), 30.0)
    assert [line.name for line in seen.threads][1:] == [
        "thr_4c6692",
        "thr_76473f",
        "thr_db8e0f",
        "thr_8c312a",
    ]
    assert len(seen.table.rows) > 12


def test_the_ages_of_stale_threads_are_read_beside_their_counts():
    seen = read(_golden("test_stale_rows", 120, 36))
    assert (seen.health, seen.counts) == ("stale", (3, 1, 16))
    assert [(line.age, line.active, line.failed) for line in seen.threads[1:]] == [
        ("40s", 1, None),
        ("40s", 1, 1),
        ("40s", 1, None),
        ("", None, None),
    ]
    assert seen.opened == Opened("run_5126a2", "queued", "0s", known=True)


def test_a_narrow_dashboard_is_read():
    seen = read(_golden("test_the_dashboard[size2-night]", 80, 24))
    assert seen.counts == (3, 1, 16)
    assert [row.status for row in seen.table.rows][:4] == ["queued", "queued", "running", "failed"]
    assert seen.opened == Opened("run_f76330", "completed", "8.8s", ended=28758, ago="42s")


def test_what_is_visible_and_never_read_makes_the_oracle_blind():
    readings, lines = Readings(), _golden("test_the_dashboard[size1-day]", 120, 36)
    for _ in range(3):
        readings.note(read([lines[0].replace("failed of", "failed among"), *lines[1:]]), failing=31.0)
    assert readings.blind == ["counts", "outage", "age of the data"]
    readings.note(read(lines))
    assert readings.blind == ["outage", "age of the data"]


def test_another_screen_has_no_claims():
    seen = read(["╭─ Help ─╮", "│ words  │", "╰────────╯"])
    assert (seen.table, seen.counts, seen.clock, seen.threads) == (None, None, None, [])


def test_neighbours_in_wrong_order_are_found():
    table = read(_screen()).table
    assert disorder(table) == []
    table.order = ("AGE", "▲")
    assert disorder(table)[0][0] == "AGE ▲"
    table.order = ("TOKENS", "▼")
    assert "run_19ed22 — before run_de0b44 857+" in disorder(table)[0][1]
    table.order = ("STATUS", "▼")
    assert disorder(table)
    table.order = ("STATUS", "▲")
    assert disorder(table) == []
