"""What the user looks at: filter, grouping and order of the runs, and how rows keep their places meanwhile."""
