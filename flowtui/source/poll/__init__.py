"""The loop that polls the API: which thread is due, within which request budget, and what it tells subscribers."""
