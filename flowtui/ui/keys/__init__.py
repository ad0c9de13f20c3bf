"""The registry of all keys, and the footer that shows them."""
