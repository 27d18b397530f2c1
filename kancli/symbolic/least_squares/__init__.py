"""Nonlinear least squares: one problem to machine precision, and one rule of damping."""
