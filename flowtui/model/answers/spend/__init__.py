"""What runs used and cost in a time range: by agent, model, thread or release, against the same hours before."""
