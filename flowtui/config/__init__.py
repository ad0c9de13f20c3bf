"""Settings with the source of each value, the API key, the log file, and what is remembered between two starts."""
