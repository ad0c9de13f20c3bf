"""The messages of a thread, and what they tell about one run: its conversation, and the evidence of why it failed."""
