"""The screen of what runs used and cost: who spends, how much of it is wasted, and more than before?"""
