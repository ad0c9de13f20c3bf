"""What a run is. No I/O and no clock of its own: time comes in as an argument."""
