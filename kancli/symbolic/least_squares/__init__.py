"""Nonlinear least squares: one problem to machine precision, or many small ones at once; one rule of damping."""
