"""A simulated SeekrFlow server on loopback. Shares no code with client and model, so that an error in one shows."""
