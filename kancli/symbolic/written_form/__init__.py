"""The one form in which a formula is printed: one fraction line, common numbers in front, few signs."""
