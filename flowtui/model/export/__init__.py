"""Runs as files and reports: CSV, JSON, Markdown, tables, and shell commands that reproduce a request."""
