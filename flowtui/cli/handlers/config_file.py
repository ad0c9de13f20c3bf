"""`flowtui config path|show|init`: prints the path of the config file or the settings, or writes a config file."""

from __future__ import annotations

import sys

from flowtui.cli.command import Call


def config(call: Call) -> int:
    """Do what the first word says: `path`, `show` or `init` (see the module). Return the exit code."""
    if call.words[0] == "show":
        from flowtui.cli.call_settings import settings_of  # noqa: PLC0415
        from flowtui.config.show import as_json, as_table  # noqa: PLC0415

        show = as_json if call.options.output == "json" else as_table
        sys.stdout.write(show(settings_of(call), call.environ))
        return 0
    from flowtui.config.files.config_file import locate  # noqa: PLC0415  not for `show`

    path, _ = locate(call.config_file, call.environ)
    if call.words[0] == "init":
        from flowtui.config.files.example import write_example  # noqa: PLC0415

        write_example(path)
        sys.stderr.write("flowtui: wrote the config file; every line in it is a comment:\n")
    sys.stdout.write(f"{path}\n")
    return 0
