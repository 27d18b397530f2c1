"""Fitting the numbers of a network, on grids that move with the data: the linear system, its penalty, the methods."""
