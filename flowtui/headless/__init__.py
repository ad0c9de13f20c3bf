"""One-shot commands: read the API once, print, exit. stdout is data. Never imports Textual."""
