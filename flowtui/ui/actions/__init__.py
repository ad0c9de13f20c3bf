"""What the user can do with a run: cancel it, copy or save it, open its page in a browser."""
