"""Runs as files and reports: CSV, JSON, Markdown, tables, and shell commands that show the same run."""
