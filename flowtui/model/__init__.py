"""Runs, and everything computed from them: state, columns, filters, the gate, exports. No I/O; time is an argument."""
