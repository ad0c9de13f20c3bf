"""Passes on the events of a watch: to stdout in one of several formats, to files, and to the user's own commands."""
