"""The menu in which the user chooses columns."""
