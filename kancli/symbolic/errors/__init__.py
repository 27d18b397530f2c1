"""How the rows of a table may err, and the fit of a formula's constants under each of these models."""
