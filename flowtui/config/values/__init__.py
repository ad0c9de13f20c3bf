"""How each kind of setting is read from an option, the environment or the config file."""
