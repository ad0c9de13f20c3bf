"""The events of a watch that are not changes of runs: start, heartbeat, gate, summary. Also the reasons of failures."""
