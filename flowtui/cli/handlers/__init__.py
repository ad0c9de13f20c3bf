"""The handlers of the commands. Each passes the parsed options to one front end, and returns the exit code.

Expected errors (FlowtuiError) reach `main`, which reports them.
"""
