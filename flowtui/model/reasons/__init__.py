"""Reasons of failures: the text of a failure without what differs from run to run, so that the same cause has the same text."""
