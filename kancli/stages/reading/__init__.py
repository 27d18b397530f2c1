"""From a network of splines to its formula in the user's units, as values: what `symbolify` and the search share."""
