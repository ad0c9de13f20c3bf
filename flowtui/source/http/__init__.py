"""One bounded request to the server, and every way in which it can fail."""
