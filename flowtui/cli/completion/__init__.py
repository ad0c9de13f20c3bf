"""`flowtui completion SHELL`: a script with which the shell completes commands, options and values of flowtui.

The scripts and the parsers are made from the same definitions. A script neither starts flowtui nor asks a server.
"""
