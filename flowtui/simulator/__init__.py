"""A SeekrFlow that runs on loopback. Shares no code with the client and the model, so neither can hide the other's error."""
