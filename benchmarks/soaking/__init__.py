"""The parts of `benchmarks.soak`: the plan of a day, the server, the clock, the two front ends, and the checks."""
