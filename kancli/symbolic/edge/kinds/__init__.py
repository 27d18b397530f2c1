"""The kinds of function that one edge may hold: single, polynomial, sum, composition, product and richer ones."""
