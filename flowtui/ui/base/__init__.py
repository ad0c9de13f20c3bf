"""Base classes of screens and dialogs, the connection to a server, and its label in headers."""
