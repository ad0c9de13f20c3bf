"""What a watch reports in addition to changes of runs: its start, heartbeat, gate, reasons of failures, and summary."""
