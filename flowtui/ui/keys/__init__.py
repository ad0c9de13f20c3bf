"""All keys, their former ids, and the footer, which shows the most useful keys."""
