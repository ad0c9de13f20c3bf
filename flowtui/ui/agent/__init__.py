"""The page of one agent: failures, durations, tokens and cost over time against what is usual; reasons, changes, runs."""
