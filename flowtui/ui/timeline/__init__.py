"""The timeline screen: runs of all threads as lanes on one time axis."""
