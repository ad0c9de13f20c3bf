"""The list on the left: threads, or runs grouped by a column."""
