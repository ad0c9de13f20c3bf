"""The text of `flowtui help environment`: the environment variables that flowtui reads."""

from __future__ import annotations

from typing import Final

VARIABLES: Final = (
    ("SEEKR_API_KEY", "the key; --api-key-env names another variable"),
    ("SEEKR_BASE_URL", "the API's address (--base-url)"),
    ("SEEKR_TEAM_ID", "sent as x-team-id (--team)"),
    ("FLOWTUI_CONFIG", "the config file (--config)"),
    ("NO_COLOR", "set and not empty: no colours (--no-color)"),
    ("TERM", "dumb, unknown or not set: no dashboard, and `watch` prints plain lines"),
    ("COLORTERM", "truecolor: the dashboard's exact colours"),
    ("LANG, LC_ALL", "a locale that is not UTF-8, such as C: plain ASCII, as with --ascii"),
    ("XDG_CONFIG_HOME", "the folder of the config file (`flowtui config path`)"),
    ("XDG_STATE_HOME", "the folder of what the dashboard remembers, and of the marks"),
    ("GITHUB_ACTIONS", "true: `watch` prints annotations (-o github)"),
    ("GITHUB_STEP_SUMMARY", "the file that `watch -o github` adds its table to"),
)
"""(name, what it does), in the order of the text."""


def help_text() -> str:
    """Return the text of `flowtui help environment`."""
    width = max(len(name) for name, _ in VARIABLES)
    lines = [
        "Environment variables:",
        "",
        *(f"  {name:<{width}}  {what}" for name, what in VARIABLES),
        "",
        "An option wins over the environment, the environment over the config file, that over the default.",
        "An empty variable counts as not set. `flowtui config show` names the source of every value,",
        "`flowtui doctor` the values that are not defaults.",
        "",
        "A key is only sent to its own address: a profile with a key of its own uses no variable, and a profile with",
        "a base_url of its own only the variable that its api_key_env names.",
        "",
        "HTTP_PROXY and HTTPS_PROXY are not read: the key could reach a proxy that you did not choose. Use --proxy.",
        "Commands of `watch --on` get the environment without the variables that hold the key.",
    ]
    return "\n".join(lines) + "\n"
