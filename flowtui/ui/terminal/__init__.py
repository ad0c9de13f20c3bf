"""What overrides Textual: reading keys, partial painting, suspending and leaving."""
