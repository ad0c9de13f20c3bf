"""`flowtui completion SHELL`: a script that completes commands, options and values without starting flowtui.

Each shell's script is made of the same definitions as the parsers (`words.py`). Nothing is asked of a server.
"""
