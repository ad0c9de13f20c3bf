"""One-shot commands: one look, then exit. stdout is data; never reaches Textual."""
