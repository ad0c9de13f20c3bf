"""What the screen of the deploy gate shows of an answer: comparisons, agents, new failures, the way to a verdict."""
