"""Makes one request to the API, with limits for size and time, and raises an error for every way it can fail."""
