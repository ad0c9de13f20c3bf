"""Compares every claim on the screen with what the API said: reads the screen, knows the world, judges, walks."""
