"""The handlers of the commands: each turns parsed options into a call of one front end."""
