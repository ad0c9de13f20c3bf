"""The config file, and files and folders that only the user can read."""
