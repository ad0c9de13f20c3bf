"""What the user does with runs: cancel, copy, save, open in a browser."""
