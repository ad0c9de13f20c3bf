"""Totals over runs and threads, and how long the runs of an agent usually take."""
