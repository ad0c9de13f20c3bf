"""The screen of failed runs by reason."""
