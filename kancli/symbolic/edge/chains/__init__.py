"""Chains of library functions, c·f(a·g(…) + b) + d, fitted many at a time."""
