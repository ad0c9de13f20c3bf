"""The dashboard. The only room that knows Textual; it draws snapshots and owns no truth."""
