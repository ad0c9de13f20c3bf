"""What `benchmarks.soak` is made of: the day, its faults and its clock, the two front ends, and the checks."""
