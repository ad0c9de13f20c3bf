"""One observation of a thread: which pages are read, and how they are put together."""
