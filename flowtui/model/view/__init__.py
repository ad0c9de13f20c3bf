"""What the user looks at: filter, grouping and order of the runs, and how the order is kept stable while they read."""
