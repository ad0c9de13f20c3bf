"""`flowtui completion SHELL`: a script that completes commands, options and values without starting flowtui.

The scripts are made from the same definitions as the parsers (`words.py`). They ask no server.
"""
