"""The filter box with its completion, and the menu of saved views."""
