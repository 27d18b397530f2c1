"""Tables of more rows than are kept: one pass gives ranges and a sample, later ones go over all rows again."""
