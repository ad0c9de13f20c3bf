"""Sessions that send random keys to flowtui on a pseudo-terminal, each with its own home folder and API key."""
