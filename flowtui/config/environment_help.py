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
    ("COLORTERM", "truecolor: the dashboard uses its exact colours"),
    ("LANG, LC_ALL", "a locale that is not UTF-8, such as C: plain ASCII, as with --ascii"),
    ("XDG_CONFIG_HOME", "the folder of the config file (`flowtui config path`)"),
    ("XDG_STATE_HOME", "the folder for what the dashboard remembers, and for the marks"),
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
        "Precedence, highest first: option, environment variable, config file, default.",
        "An empty variable counts as not set. `flowtui config show` lists all settings with their sources;",
        "`flowtui doctor` lists those that differ from the defaults.",
        "",
        "A key is never sent to another profile's address. A profile that sets api_key_command, api_key_file or api_key_env",
        "uses no other key, not even SEEKR_API_KEY. A profile that sets only base_url has no key: to use SEEKR_API_KEY",
        'there, write api_key_env = "SEEKR_API_KEY" into the profile, or give --api-key-env SEEKR_API_KEY.',
        "",
        "HTTP_PROXY and HTTPS_PROXY are not read: the key could reach a proxy that you did not choose. Use --proxy.",
        "Commands of `watch --on` do not get the variables that hold the key.",
    ]
    return "\n".join(lines) + "\n"
