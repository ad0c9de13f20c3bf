"""The API key: where it is read, where it may be sent, and how it is kept out of sight."""
