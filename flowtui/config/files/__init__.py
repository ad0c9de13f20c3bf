"""The config file and the folders and files of the user."""
