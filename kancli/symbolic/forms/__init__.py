"""Forms that are known but for their constants: those of the user, and sums of products of powers."""
