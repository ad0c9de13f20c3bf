"""Decides when a watch ends and with which exit code. For this it selects the watched runs and judges the gate."""
