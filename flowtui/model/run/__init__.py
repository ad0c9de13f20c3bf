"""Runs and threads, parsed from the server's JSON into rows; a run's cost, configuration and fields as text."""
