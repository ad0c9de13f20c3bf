"""The screen of the brief: what happened since the user left, on one page."""
