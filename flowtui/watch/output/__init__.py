"""Where the events of a watch go: stdout in one of the formats, files, and the user's own commands."""
