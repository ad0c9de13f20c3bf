"""`flowtui config show`: every setting with its source, without secrets."""

import json

from flowtui.config.load import load_settings
from flowtui.config.settings import SPECS
from flowtui.config.show import as_json, as_table

SECRETS = {"proxy": "http://me:hunter2@proxy.example", "api_key_command": "echo hunter2"}


def test_all_settings_are_shown_with_their_sources_and_no_secret():
    environ = {"SEEKR_API_KEY": "hunter2", "SEEKR_TEAM_ID": "blue"}
    settings = load_settings(SECRETS, environ, None, use_file=False)
    shown = json.loads(as_json(settings, environ))
    assert shown["v"] == 1
    assert shown["api_key"] == {"present": True, "source": "SEEKR_API_KEY"}
    assert list(shown["settings"]) == list(SPECS)
    assert shown["settings"]["team"] == {"value": "blue", "source": "SEEKR_TEAM_ID"}
    assert shown["settings"]["interval"] == {"value": 2.0, "source": "default"}
    table = as_table(settings, environ)
    assert "hunter2" not in table + json.dumps(shown)
    assert "team             " in table
    assert "SEEKR_TEAM_ID" in table


def test_an_absent_key_and_a_pasted_key_are_not_shown():
    settings = load_settings({"api_key_env": "hunter2"}, {}, None, use_file=False)
    assert json.loads(as_json(settings, {}))["api_key"] == {"present": False, "source": None}
    assert "hunter2" not in as_table(settings, {}) + as_json(settings, {})
    assert "absent" in as_table(settings, {})
