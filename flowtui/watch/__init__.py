"""`flowtui watch`: a verdict on runs that a script can trust. Never reaches Textual."""
