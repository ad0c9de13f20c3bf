"""Measures flowtui's own delays, memory and traffic, and shows them in a panel."""
