"""Text with roles, glyphs, time axis, and the themes that turn roles into colours."""
