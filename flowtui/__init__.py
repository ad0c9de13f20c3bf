"""flowtui: a terminal window on the agent runs of SeekrFlow."""

__version__ = "0.1.0"
