"""Replaces parts of Textual: how keys are read, what is written to the terminal, how flowtui is suspended and ended."""
