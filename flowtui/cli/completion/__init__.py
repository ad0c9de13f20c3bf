"""`flowtui completion SHELL`: a script with which the shell completes commands, options and values of flowtui.

The scripts are made from the same definitions as the parsers (`words.py`). They neither start flowtui nor ask a server.
"""
