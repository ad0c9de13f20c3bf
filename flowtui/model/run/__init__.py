"""One run and one thread as rows of display-safe text, read tolerantly from the JSON that the server sends."""
