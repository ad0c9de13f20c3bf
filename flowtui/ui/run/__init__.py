"""One run: detail pane, full screen, its tabs, and fetching what they show."""
