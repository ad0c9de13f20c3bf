"""The columns of the run table: title, cell text, sort key, and what can change a cell."""
