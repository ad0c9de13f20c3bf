"""A simulated SeekrFlow server on loopback.

It shares no code with flowtui's client and model, so that a test against it finds errors on either side.
"""
