"""Makes one request to the API, with limits for size and time, and raises an error that says how it failed."""
