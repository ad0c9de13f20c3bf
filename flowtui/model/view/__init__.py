"""Which runs the user looks at: filter, grouping and order, and how rows keep their places while keys are pressed."""
