"""Where runs come from: the client, the paging plan, the schedule and the one polling loop."""
