"""Gets runs from the API: the HTTP client, the reading of lists, and the polling loop. Also runs commands of the user."""
