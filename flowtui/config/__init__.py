"""The settings and where each value comes from, the API key, the log file, and what is remembered between two starts."""
