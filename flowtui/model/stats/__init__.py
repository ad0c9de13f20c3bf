"""Totals over runs and threads, and how long runs of an agent usually take."""
