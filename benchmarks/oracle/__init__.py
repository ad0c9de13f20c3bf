"""A test oracle: reads each claim from the dashboard's screen and compares it with what the simulated API said."""
