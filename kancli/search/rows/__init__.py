"""Tables in which some rows count otherwise: without outliers, or each with the weight of its relative error."""
