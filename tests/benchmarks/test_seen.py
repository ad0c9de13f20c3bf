"""The oracle reads each claim from a screen, also with wide characters and adjacent frames."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.oracle.order import disorder
from benchmarks.oracle.seen import Listed, Opened, read

HEAD = (
    " flowtui  default 127.0.0.1:37587  ● live next 2s every 4s  24/24 threads     21 active  51 failed in 1,321 runs  "
    "09:23:39 "
)
THREADS = """\
► all threads    21● 51×
  thr_c20aea ■     3●
  thr_11c96d □   seen 2m
  thr_c33b85 late 12s 1×
  thr_f57152"""
RUNS = """\
 STATUS       RUN         THREAD      AGENT               AGE ▼  WAIT   TIME  TOKENS  NOTE
 ○ queued     run_19ed22  thr_c20aea  billing                0s    0s      —       —                     ▇
 ● running    run_de0b44  thr_56ba14  多~言~語~-concierge       4s    0s  00:03    857+  ━───── usually 00:05
 ✓ completed  run_1d43bb  thr_55161b  research               2m    0s  01:03   4,018  wait         leaves

"""
RUN = """\
 1 Info  2 Instr

 × failed  1m 07s ago  took 22s  waited 3s"""


def _frame(title, text, bottom="", *, cells):
    inner = [f"│{line.ljust(cells)}│" for line in text.splitlines()]
    return [f"╭─ {title} ".ljust(cells + 1, "─") + "╮", *inner, "╰" + f" {bottom} ".rjust(cells, "─") + "╯"]


def _screen():
    """Lines of cells, as in a terminal: a wide character is followed by NUL."""
    left = _frame("Threads 2 · all runs", THREADS, "read at least every 20s", cells=26)
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
        Listed("all threads", locked=False, doubtful=False, active=21, failed=51, word="", since=None),
        Listed("thr_c20aea", locked=True, doubtful=False, active=3, failed=None, word="", since=None),
        Listed("thr_11c96d", locked=True, doubtful=True, active=None, failed=None, word="seen", since=120),
        Listed("thr_c33b85", locked=False, doubtful=False, active=None, failed=1, word="late", since=12),
        Listed("thr_f57152", locked=False, doubtful=False, active=None, failed=None, word="", since=None),
    ]


def test_the_opened_run_is_read():
    assert read(_screen()).opened == Opened("run_7e187c", "failed", None, 67, 22)


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
