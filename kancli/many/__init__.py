"""Many small searches: a law for each group of rows, for each of several targets, in processes that stay."""
