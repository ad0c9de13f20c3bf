"""Events that a watch reports beside the changes of runs: its start, heartbeat, gate, failure reasons and summary."""
