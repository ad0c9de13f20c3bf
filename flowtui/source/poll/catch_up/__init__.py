"""Threads restored from the history: which are not observed yet, and what was missed since they were last observed."""
