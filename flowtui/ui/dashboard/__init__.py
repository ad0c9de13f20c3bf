"""The dashboard: header, titles, panes, and the keys that act on them."""
