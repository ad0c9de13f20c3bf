"""What flowtui remembers between two starts: the state of the dashboard, and marks (named moments)."""
