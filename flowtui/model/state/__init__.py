"""Everything known about all threads at one moment: runs, locks, health, lineage and marks, frozen as a snapshot."""
