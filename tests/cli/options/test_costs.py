"""Commands use prices and a filter of the config file; completion and help import nothing heavy."""

import csv
import io
import os
import sys
from pathlib import Path

import pytest

from flowtui.cli import main
from flowtui.cli.handlers.screens import filter_of
from flowtui.config.load import load_settings
from flowtui.errors import QueryError
from flowtui.simulator.server import Simulator

from ... import processes

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def config(tmp_path):
    """Return a function that writes a config file."""

    def write(text):
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    return write


def test_runs_have_a_cost_if_the_config_file_has_prices(config, capsys):
    priced = config('currency = "EUR"\nprices = { "*" = { prompt = 1000, completion = 2000 } }')
    with Simulator(seed=3, threads=2, runs=12) as simulator:
        environ = {"SEEKR_BASE_URL": simulator.url, "SEEKR_API_KEY": "any"}
        words = ["runs", "-o", "csv", "--columns", "status,prompt,completion,cost", "--config", str(priced)]
        assert main(words, environ) == 0
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        done = [row for row in rows if row["status"] == "completed" and row["prompt"] and row["completion"]]
        assert done
        for row in done:
            expected = (int(row["prompt"]) * 1000 + int(row["completion"]) * 2000) / 1e6
            assert float(row["cost"]) == pytest.approx(expected)
        assert main([*words[:2], "table", *words[3:]], environ) == 0
        assert "€" in capsys.readouterr().out
        words[-1] = str(config(""))
        assert main(words, environ) == 0
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert {row["cost"] for row in rows} == {""}


def test_the_dashboard_uses_the_filter_of_the_config_file_and_names_its_place_in_errors(config):
    path = config('[profiles.a]\nfilter = "status:failed"\n[profiles.b]\nfilter = "status:("\n')
    assert filter_of(load_settings({}, {}, path)) == ""
    assert filter_of(load_settings({"profile": "a"}, {}, path)) == "status:failed"
    assert filter_of(load_settings({"profile": "a", "filter": "active"}, {}, path)) == "active"
    with pytest.raises(QueryError) as caught:
        filter_of(load_settings({"profile": "b"}, {}, path))
    assert f"filter (profile b, {path})" in caught.value.message


@pytest.mark.parametrize(
    "words", [["completion", "bash"], ["completion", "fish"], ["completion", "-h"], ["serve", "-h"]]
)
def test_completion_and_the_help_of_serve_import_nothing_heavy(words):
    code = (
        "import sys\nfrom flowtui.cli import main\nmain(sys.argv[1:])\n"
        "heavy = {'textual', 'rich', 'httpx', 'pydantic', 'starlette', 'uvicorn', 'aiohttp', 'textual_serve'}\n"
        "sys.stderr.write(', '.join(heavy & set(sys.modules)))"
    )
    done = processes.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
