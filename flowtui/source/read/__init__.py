"""Reads lists and single runs from the API: which pages are requested, and how they are put together."""
