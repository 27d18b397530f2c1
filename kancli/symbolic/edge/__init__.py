"""One curve, and the functions that it may be, ranked."""
