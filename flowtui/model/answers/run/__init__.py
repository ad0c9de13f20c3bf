"""What is asked about one run: whether it was unusual, how often its reason came, which run of its agent completed last. Pure."""
