"""Reads what is remembered, and makes its text display-safe."""
