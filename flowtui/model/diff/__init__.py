"""The differences between the configurations of two runs: by field, by line and by word."""
