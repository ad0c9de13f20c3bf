"""What was remembered of earlier starts, and how well it covers a span of time. Pure; `flowtui.store` keeps it in a file."""
