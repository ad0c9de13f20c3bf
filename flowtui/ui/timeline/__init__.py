"""The timeline screen: a time axis, and below it a lane with the runs of each thread."""
