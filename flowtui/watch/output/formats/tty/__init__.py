"""What the format `tty` draws: the table of ended runs, the live block below it, and the card at the end. Pure."""
