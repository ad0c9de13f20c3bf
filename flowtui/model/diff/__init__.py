"""The differences between two agent configurations, by field, by line and by word."""
