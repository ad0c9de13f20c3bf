"""What presses keys at random on a pseudo-terminal: the terminal, an account of its own, many sessions side by side."""
