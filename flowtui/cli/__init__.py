"""The `flowtui` command: reads the command line and starts one front end, which is imported only then."""

from flowtui.cli.dispatch import main

__all__ = ["main"]
