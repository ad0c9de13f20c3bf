"""Answers over time: `flowtui stats`, and `flowtui history`, which tells what they rest on."""
