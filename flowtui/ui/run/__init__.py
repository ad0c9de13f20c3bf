"""One run: the detail pane, the run screen, the tabs of both, and fetching what these show."""
