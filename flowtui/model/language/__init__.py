"""What the filter and the gate language share: tokens, errors that point at a column, the parser of and, or, not."""
