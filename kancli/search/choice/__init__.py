"""Which of the formulas found to take: the front, and units."""
