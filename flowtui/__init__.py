"""flowtui: a live dashboard and commands for the agent runs of SeekrFlow, in the terminal."""

__version__ = "0.1.0"
