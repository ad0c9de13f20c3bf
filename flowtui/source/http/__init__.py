"""One request to the API with bounded size and time, and an error for every way it can fail."""
