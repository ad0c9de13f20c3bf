"""The spans of a run as a tree: what each span is, and which one contains which. Pure."""
