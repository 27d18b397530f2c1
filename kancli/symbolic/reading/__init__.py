"""Reading a graph of splines: candidates for each edge, exchange, locking in, rewriting, a second look."""
