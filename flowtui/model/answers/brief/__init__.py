"""The brief: what happened in a time range, on one page: at most four sentences that rest on numbers, and the numbers.

It never names a cause: it says what coincided.
"""
