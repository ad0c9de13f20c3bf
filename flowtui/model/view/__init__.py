"""What the user looks at: filter, grouping and order of the runs, and the order's stability between updates."""
