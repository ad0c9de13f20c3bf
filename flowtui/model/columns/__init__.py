"""The columns of the run table: title, cell text, sort key, and when a cell may change without news."""
