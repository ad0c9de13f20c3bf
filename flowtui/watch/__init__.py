"""`flowtui watch`: watches runs and ends with a verdict for scripts. Never imports Textual."""
