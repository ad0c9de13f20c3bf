"""Lines of text with roles, the themes that give roles their colours, the glyphs, and the time axis."""
