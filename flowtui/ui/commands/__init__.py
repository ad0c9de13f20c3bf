"""The command line, the command palette and the help screen."""
