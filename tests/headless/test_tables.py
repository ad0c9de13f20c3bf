"""Tables aligned by terminal cells and with limited cells, CSV without formulas, JSON in ASCII."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.errors import UsageError
from flowtui.headless.tables import choose, formatted, table
from flowtui.model.export.json_text import to_json
from flowtui.model.export.records import indented_json
from flowtui.model.export.tables import TableColumn
from flowtui.text import cell_width


def column(name, *, right=False, paint=None):
    return TableColumn(
        name=name,
        title=name.upper(),
        text=lambda row: str(row[name]),
        value=lambda row: row[name],
        right=right,
        paint=paint,
    )


NAME, N = column("name"), column("n", right=True)


def printed(output, columns, rows):
    return "".join(formatted(output, "runs", rows, columns, rows))


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("漢字", 4), ("e\u0301", 1), ("ＷＩ", 4), ("✓", 1), ("●", 1), ("—", 1)],
)
def test_width_is_counted_in_cells(text, width):
    assert cell_width(text) == width


def test_columns_align_by_cells():
    out = table(
        [NAME, N], [{"name": "漢字", "n": 1}, {"name": "abc", "n": 1000}, {"name": "e\u0301", "n": 22}]
    )
    assert out.splitlines() == ["NAME     N", "漢字     1", "abc   1000", "e\u0301       22"]


def test_an_empty_table_has_titles_only():
    assert table([NAME, N], []) == "NAME  N\n"


def test_a_long_cell_ends_with_an_ellipsis():
    line = table([NAME], [{"name": "漢" * 5000}]).splitlines()[1]
    assert line.endswith("…")
    assert cell_width(line) <= 80


def test_paint_adds_codes_and_no_width():
    painted = column("name", paint=lambda _: "31")
    assert (
        table([painted, N], [{"name": "a", "n": 1}], color=True).splitlines()[1] == "\x1b[31ma   \x1b[0m  1"
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "＝1", "＠x"])
def test_no_cell_begins_like_a_formula(text):
    assert printed("csv", [NAME], [{"name": text}]).splitlines()[1].strip('"') == f"'{text}"


def test_csv_numbers_are_numbers_and_unknown_is_empty():
    rows = [{"name": None, "n": 1234567}, {"name": "—", "n": 1.5}, {"name": 'a,b"c', "n": -3}]
    parsed = list(csv.reader(io.StringIO(printed("csv", [N, NAME], rows))))
    assert parsed == [["n", "name"], ["1234567", "None"], ["1.5", ""], ["'-3", 'a,b"c']]


@given(st.text())
def test_csv_cells_are_display_safe_and_one_line_each(text):
    out = printed("csv", [NAME], [{"name": f"x{text}"}])
    assert len(out.split("\n")) == 3
    assert out.replace("\n", "").isprintable()


def test_choose_keeps_the_order_given_and_drops_repeats():
    known = {"a": 1, "b": 2}
    assert choose("b, A,b", known, ["a"]) == ["b", "a"]
    assert choose(None, known, ["a"]) == ["a"]
    with pytest.raises(UsageError, match="a, b"):
        choose("a,,b", known, ["a"])


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_json_is_printable_ascii_and_decodes_to_the_same_value(value):
    out = to_json(value)
    assert out.isascii()
    assert out.isprintable()
    assert json.dumps(json.loads(out, parse_constant=pytest.fail)) == json.dumps(json.loads(out))


def test_nan_and_infinity_become_null_and_del_is_escaped():
    assert to_json([float("nan"), {"a": float("-inf")}, "\x7f\x9b\u202e\ud800"]) == (
        '[null, {"a": null}, "\\u007f\\u009b\\u202e\\ud800"]'
    )


def test_the_version_field_v_comes_first_and_replaces_a_server_field_v():
    assert printed("jsonl", [], [{"a": 1, "v": 9}]) == '{"v": 1, "a": 1}\n'
    assert json.loads(indented_json({"a": 1})) == {"v": 1, "a": 1}
    assert printed("json", [], []) == '{"v": 1, "runs": []}\n'
    assert json.loads(printed("json", [], [{"a": 1}, {"b": 2}])) == {"v": 1, "runs": [{"a": 1}, {"b": 2}]}
