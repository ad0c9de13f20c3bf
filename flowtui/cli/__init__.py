"""Arguments to one of the front ends, each imported inside its branch. `main` is the `flowtui` command."""

from flowtui.cli.dispatch import main

__all__ = ["main"]
