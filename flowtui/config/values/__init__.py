"""The kinds of settings: how a value is read from an option, the environment or the config file."""
