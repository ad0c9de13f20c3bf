"""The polling loop: which thread is due, the request budget, and the snapshots that subscribers get."""
