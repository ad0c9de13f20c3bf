"""The settings of one call, merged from its options, the environment, the config file and the defaults."""

from __future__ import annotations

from flowtui.cli.command import Call
from flowtui.config.load import load_settings
from flowtui.config.profiles import profile_names, settings_for
from flowtui.config.settings import SPECS, Settings
from flowtui.errors import UsageError
from flowtui.formatting import parse_zone


def settings_of(call: Call, *, use_file: bool = True) -> Settings:
    """Return the settings of a call. If `use_file` is False, the config file is not read.

    Raises:
        UsageError: an option has an invalid value, or this machine does not know the time zone.
        ConfigError: see `load_settings`.
    """
    return _checked(load_settings(_given(call), call.environ, call.config_file, use_file=use_file))


def names_of_profiles(call: Call) -> list[str]:
    """Return the names of the profiles in the config file, `default` first. Raises ConfigError: see `profile_names`."""
    return profile_names(call.environ, call.config_file)


def settings_of_profile(call: Call, profile: str) -> Settings:
    """Return the settings that a call would have with `profile`. Raises UsageError and ConfigError: see `settings_for`."""
    return _checked(settings_for(profile, _given(call), call.environ, call.config_file))


def _given(call: Call) -> dict[str, object]:
    return {name: getattr(call.options, name, None) for name in SPECS}


def _checked(settings: Settings) -> Settings:
    try:
        parse_zone(settings.tz)
    except UsageError as error:
        raise UsageError(f"{settings.sources['tz']}: {error.message}", hint=error.hint) from None
    return settings
