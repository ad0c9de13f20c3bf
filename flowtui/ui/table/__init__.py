"""The run table: which rows are in sight, in which order, and what each cell shows."""
