"""Runs and their phases, placed on a time axis."""
