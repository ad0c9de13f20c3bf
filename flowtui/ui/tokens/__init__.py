"""The screen of token usage and cost."""
