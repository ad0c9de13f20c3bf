"""What happened since flowtui started: the event log, notices for the user, findings and cancellations."""
