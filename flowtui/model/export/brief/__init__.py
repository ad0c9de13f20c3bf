"""The brief as plain text, as Markdown and as JSON."""
