"""What flowtui remembers: a file of its own for each profile, address, team and key. Only `sqlite` knows a database."""
