"""Decides the exit code of a watch: which runs are watched, how they stand, and what the gate says."""
