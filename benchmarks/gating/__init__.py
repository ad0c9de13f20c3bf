"""Parts of `benchmarks.gate`: simulated worlds, the tests that the gate is compared with, and one trial of all of them."""
