"""The definitions of all keys, their former ids, and the footer."""
