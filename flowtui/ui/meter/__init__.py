"""What flowtui measures of itself, and the panel that shows it."""
