"""The simulated threads, runs, messages and spans: seeded, and a pure function of time."""
