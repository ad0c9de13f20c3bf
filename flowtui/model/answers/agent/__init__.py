"""One agent over a time range: numbers against what was usual, reasons, releases and changes of configuration. Pure."""
