"""What happened since the last snapshot, as a log of events and as notices for the user."""
