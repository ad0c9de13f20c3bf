"""Token usage as lines: narrow screens have fewer columns, and an unknown value is never shown as 0."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from flowtui.config.values.prices import Price, Prices
from flowtui.model.run.cost import by_cost, combined_usage, token_usage
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.tokens.rows import UsageTable, missing_words, price_hint, usage_line

PRICES = Prices({"llama": Price(2.0, 10.0)})


def _said(line):
    return "".join(span.text for span in line)


@pytest.fixture
def runs(a_run):
    def run(name, agent, tokens, status="completed", model="llama"):
        usage = {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens} if tokens else None
        return a_run(name, status, agent_id=agent, model=model, usage=usage)

    return [
        run("a", "checkout", 300_000),
        run("b", "checkout", 100_000, "failed"),
        run("c", "triage", 100_000),
        run("d", "triage", None),
        run("e", "mystery", 500_000, model="gpt"),
        run("f", "silent", None, "failed"),
    ]


def _table(runs, cells, prices=PRICES):
    found = token_usage(runs, prices, "agent")
    found = by_cost(found) if prices else found
    everything = combined_usage(found, "all agents")
    return found, UsageTable.laid_out(found, everything, "agent", cells, priced=prices is not None)


def test_a_line_has_share_tokens_cost_waste_and_coverage(runs):
    found, table = _table(runs, 130)
    head = _said(table.titles()).split()
    assert head == [
        "AGENTS",
        "SHARE",
        "OF",
        "KNOWN",
        "COST",
        "COST",
        "TOKENS",
        "WASTED",
        "ITS",
        "COST",
        "RUNS",
        "UNREPORTED",
        "PER",
        "RUN",
    ]
    lines = [_said(table.line(one, UNICODE, chosen=place == 0)).split() for place, one in enumerate(found)]
    numbers = [
        [word for word in line if UNICODE.bar not in word and UNICODE.track not in word] for line in lines
    ]
    assert numbers == [
        ["►", "mystery", "no", "price", "—", "500,000", "0", "0", "1", "0", "500,000"],
        ["checkout", "80%", "$0.80", "400,000", "100,000", "$0.20", "2", "0", "200,000"],
        ["triage", "20%", "≥$0.20", "100,000", "0", "0", "2", "1", "100,000"],
        ["silent", "no", "usage", "—", "—", "—", "—", "1", "1", "—"],
    ]
    assert _said(table.total()).split() == [
        *("all", "agents", "≥$1.00", "1,000,000", "100,000", "≥$0.20", "6", "2", "250,000"),
    ]


def test_without_prices_shares_are_of_tokens_and_there_is_no_cost(runs):
    found, table = _table(runs, 130, None)
    assert "COST" not in _said(table.titles())
    assert "SHARE OF TOKENS" in _said(table.titles())
    assert [one.name for one in found] == ["mystery", "checkout", "triage", "silent"]
    assert " 50% " in _said(table.line(found[0], UNICODE, chosen=False))
    assert "$" not in _said(table.total())


@pytest.mark.parametrize("cells", [40, 56, 76, 96, 116, 200])
def test_every_line_fits_and_columns_are_aligned(runs, cells):
    found, table = _table(runs, cells)
    lines = [table.titles(), table.total(), *(table.line(one, UNICODE, chosen=False) for one in found)]
    widths = {cell_len(_said(line)) for line in lines}
    assert len(widths) == 1
    assert widths.pop() <= cells
    assert "TOKENS" in _said(table.titles())
    assert ("COST" in _said(table.titles())) == (cells > 40)


def test_names_are_cut_by_cells_and_markup_in_them_is_text(runs):
    name = "多言語[red]" * 10
    found = [one._replace(name=name) for one in _table(runs, 100)[0]]
    table = UsageTable.laid_out(found, combined_usage(found, "all"), "agent", 76, priced=True)
    line = _said(table.line(found[0], UNICODE, chosen=True))
    assert cell_len(line) <= 76
    assert "多言語[red]" in line


def test_the_detail_line_has_the_remaining_numbers(runs):
    mystery, checkout, _, silent = _table(runs, 130)[0]
    assert _said(usage_line(checkout, 100, priced=True)) == (
        " checkout   $0.80   400,000 tokens   100,000 wasted ($0.20)   2 of 2 runs reported   200,000 a run"
    )
    assert _said(usage_line(mystery, 100, priced=False)) == (
        " mystery   500,000 tokens   1 of 1 runs reported   500,000 a run"
    )
    assert _said(usage_line(mystery, 100, priced=True)) == (
        " mystery   no price   500,000 tokens   1 of 1 runs reported   500,000 a run"
    )
    assert _said(usage_line(silent, 100, priced=False)) == (
        " silent   — tokens   — wasted   0 of 1 runs reported"
    )
    assert cell_len(_said(usage_line(checkout, 40, priced=True))) <= 40


def test_a_missing_price_and_missing_usage_are_named(runs):
    everything = combined_usage(token_usage(runs, PRICES, "agent"), "")
    assert missing_words(everything, priced=True) == "2 runs gave no usage, no price: 500k tokens of 1 run"
    assert missing_words(everything, priced=False) == "2 runs gave no usage"
    assert missing_words(combined_usage(token_usage(runs[:1], PRICES, "agent"), ""), priced=True) == ""


@pytest.mark.parametrize("cells", [30, 60, 80, 120])
@pytest.mark.parametrize("model", ["meta/llama-3", "", 'a"] evil', "x" * 300])
def test_the_price_hint_fits_on_one_line(model, cells):
    said = _said(price_hint(model, cells))
    assert cell_len(said) <= cells
    assert "[prices." in said
    assert "evil" not in said
