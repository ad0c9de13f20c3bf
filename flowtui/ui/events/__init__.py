"""The event log as a list and a screen, and the notifications."""
