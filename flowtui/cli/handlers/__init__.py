"""The handlers of the commands: each turns parsed options into a call of one front end and returns the exit code.

Expected errors (FlowtuiError) reach `main`, which reports them.
"""
