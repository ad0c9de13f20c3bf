"""Totals over runs and threads, tokens per minute, and how long the runs of an agent usually take."""
