"""The screen of what runs used and cost: who spends, how much of it is wasted, and what is more than before."""
