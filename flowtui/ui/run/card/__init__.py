"""The card of a run: outcome, against usual, what it did, what changed, what was around it, the fields of the API. Pure lines."""
