"""The filter language: reads a query, matches runs against it, and completes what the user types."""
