"""Settings: option > environment > config file > default, with the source of each."""
