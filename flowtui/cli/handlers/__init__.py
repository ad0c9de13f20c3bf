"""The commands: from parsed options to one front end."""
