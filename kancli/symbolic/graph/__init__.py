"""A network as a graph of curves, each of them a spline or a library function."""
