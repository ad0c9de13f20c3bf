"""The options of the commands: their definitions, how values are read, and which combinations are refused."""
