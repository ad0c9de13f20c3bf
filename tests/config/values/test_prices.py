"""Prices, views and notifications: errors name the path to the wrong setting, never its value."""

import json

import pytest

from flowtui.config.load import load_settings
from flowtui.config.show import as_json, as_table
from flowtui.config.values.notify import Notify
from flowtui.config.values.prices import Price
from flowtui.config.values.views import SavedView
from flowtui.errors import ConfigError

SECRET = "sk-hunter2"


def load(text, tmp_path, **options):
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return load_settings(options, {}, path)


PRICES = """
currency = "EUR"
[prices."llama-3.3-70b"]
prompt = 0.20
completion = 0.60
[prices."llama-*"]
prompt = 1
completion = 2
[prices."*"]
prompt = 0
completion = 0
[prices."llama-3*"]
prompt = 3
completion = 4
"""


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("llama-3.3-70b", (0.2, 0.6)),
        ("Llama-3.3-70B", (0.2, 0.6)),
        ("meta/llama-3.3-70b", (0.2, 0.6)),
        ("llama-3.1", (3, 4)),
        ("meta-llama/Llama-3.1", (3, 4)),
        ("llama-2", (1, 2)),
        ("gpt", (0, 0)),
        ("", None),
    ],
)
def test_the_exact_name_wins_then_the_longest_pattern(model, price, tmp_path):
    prices = load(PRICES, tmp_path).prices
    assert prices.of(model) == (None if price is None else Price(*price))
    assert prices.of(model) == prices.of(model)


def test_a_model_without_a_matching_pattern_has_no_price(tmp_path):
    prices = load('prices = { "llama-*" = { prompt = 1, completion = 2 } }', tmp_path).prices
    assert prices.of("gpt") is None
    assert prices.currency == "USD"
    for number in range(3000):  # names come from a server
        prices.of(f"gpt-{number}")
    assert prices.of("llama-1") == Price(1, 2)


def test_a_name_with_brackets_matches_itself_first(tmp_path):
    prices = load('[prices."m[12]"]\nprompt = 1\ncompletion = 1', tmp_path).prices
    assert prices.of("m[12]") == prices.of("m1") == Price(1, 1)
    assert prices.of("m3") is None


def test_prices_have_the_currency_of_the_profile(tmp_path):
    assert load(PRICES, tmp_path).prices.currency == "EUR"
    with_profile = PRICES + '[profiles.uk]\ncurrency = "£"\n'
    assert load(with_profile, tmp_path, profile="uk").prices.currency == "£"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prices = 3", ["prices", "table"]),
        ("[prices]\nllama = 3", ["prices.llama", "table"]),
        ("[prices.llama]\nprompt = 1", ["prices.llama: completion is missing", "{ prompt"]),
        ("[prices.llama]\ncompletion = 1", ["prices.llama: prompt is missing"]),
        ('[prices."llama-*"]\nprompt = -1\ncompletion = 1', ["prices.'llama-*'.prompt", "0 or more"]),
        ("[prices.llama]\nprompt = nan\ncompletion = 1", ["prices.llama.prompt"]),
        ("[prices.llama]\nprompt = inf\ncompletion = 1", ["prices.llama.prompt"]),
        ("[prices.llama]\nprompt = true\ncompletion = 1", ["prices.llama.prompt"]),
        (f"[prices.llama]\nprompt = {'9' * 400}\ncompletion = 1", ["prices.llama.prompt"]),
        (f'[prices.llama]\nprompt = "{SECRET}"\ncompletion = 1', ["prices.llama.prompt"]),
        ("[prices.llama]\npromt = 1\ncompletion = 1", ["prices.llama.promt", "Did you mean prompt?"]),
        ('[prices."\\u001b[2J"]\nprompt = 1', ["'\\x1b[2J'"]),
        ("[profiles.x.prices.llama]\npromt = 1", ["[profiles.x] prices.llama.promt", "prompt?"]),
        ('currency = ""', ["currency"]),
        ('currency = "dollars"', ["currency"]),
        ('currency = "7"', ["currency"]),
        ('currency = "\\u202e"', ["currency"]),
        ("views = []", ["views", "table"]),
        ("[views.a]\nsort = 3", ["views.a.sort", "text"]),
        ("[views.a]\nfiltr = 'x'", ["views.a.filtr", "Did you mean filter?"]),
        ("[views.a]\ncolumns = 'run'", ["views.a.columns", "list"]),
        ("[views.a]\ncolumns = []", ["views.a.columns", "list"]),
        ("[views.a]\ncolumns = ['run', 3]", ["views.a.columns"]),
        ("[views.a]\ndescending = 1", ["views.a.descending", "true or false"]),
        ('[views."a\\nb"]\nsort = "x"', ["name of a view"]),
        ("notify = true", ["notify", "table"]),
        ("[notify]\nbel = true", ["notify.bel", "Did you mean bell?"]),
        ("[notify]\nosc9 = 'yes'", ["notify.osc9", "true or false"]),
        (f"[notify]\ncommand = 'notify-send {SECRET}'", ["notify.command", "list of strings"]),
        (f"[notify]\ncommand = ['{SECRET}', 3]", ["notify.command"]),
        ("[notify]\ncommand = ['']", ["notify.command"]),
        ("[notify]\ncommand = []", ["notify.command"]),
        ("[profiles.x]\nbasurl = 'https://x'", ["[profiles.x]", "basurl", "Did you mean base_url?"]),
        ("[profile.staging]\nteam = 'x'", ["[profiles.NAME]"]),
        ("[prises.llama]\nprompt = 1", ["prises", "Did you mean prices?"]),
    ],
)
def test_errors_name_the_path_to_the_setting_and_repeat_no_value(text, words, tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(text, tmp_path)
    said = str(caught.value)
    assert all(word in said for word in [*words, str(tmp_path / "config.toml")]), said
    assert SECRET not in said
    assert "\x1b" not in said


VIEWS = """
[views.costly]
filter = "age<1d"
sort = "tokens"
descending = true
columns = ["status", "run"]
[views."by agent"]
group = "agent"
thread = "thr_9a"
"""


def test_views_are_written_as_they_are_read(tmp_path):
    views = load(VIEWS, tmp_path).views
    assert views == {
        "costly": SavedView(
            name="costly", filter="age<1d", sort="tokens", descending=True, columns=("status", "run")
        ),
        "by agent": SavedView(name="by agent", group="agent", thread="thr_9a"),
    }
    assert views["costly"].as_table() == {
        "filter": "age<1d",
        "sort": "tokens",
        "descending": True,
        "columns": ["status", "run"],
    }
    assert load("", tmp_path).views is None


def test_notifications_are_off_by_default_and_set_by_the_file(tmp_path):
    assert load("", tmp_path).notify == Notify()
    found = load('notify = { bell = true, command = ["notify-send", "a b"] }', tmp_path).notify
    assert found == Notify(bell=True, command=("notify-send", "a b"))


def test_config_show_prints_tables_and_masks_commands(tmp_path):
    text = f"notify = {{ osc9 = true, command = ['curl', '{SECRET}'] }}\n" + PRICES + VIEWS
    settings = load(text, tmp_path)
    shown = json.loads(as_json(settings, {}))["settings"]
    notify = shown["notify"]["value"]
    assert (notify["bell"], notify["osc9"], notify["command"]) == (False, True, "(set, not shown)")
    assert shown["prices"]["value"]["llama-3.3-70b"] == {"prompt": 0.2, "completion": 0.6}
    assert shown["views"]["value"]["by agent"] == {"group": "agent", "thread": "thr_9a"}
    table = as_table(settings, {})
    assert SECRET not in table
    assert '"llama-3.3-70b": {"prompt": 0.2' in table
