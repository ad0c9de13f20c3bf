"""One-shot commands: read the API once, print, exit. Only data go to stdout. Never imports Textual."""
