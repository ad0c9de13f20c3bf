"""Answers over time: which runs ended in a time range, why they failed, what was usual. Pure; time is an argument."""
