"""Decides the exit code of a watch: which runs are watched, in which state they are, and what the gate says."""
