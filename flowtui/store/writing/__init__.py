"""Writes what is seen: one thread, small transactions, only what has changed."""
