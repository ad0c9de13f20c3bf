"""The API key: where it is read from, where it may be sent, and how it is kept out of texts and environments."""
