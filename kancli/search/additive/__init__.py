"""Additive models θ(y) = Σ φₖ(zₖ): linear problems, as θ is one of a few functions and the φₖ are splines.

The zₖ are inputs and elementary combinations of two. Alternating conditional expectations (Breiman & Friedman,
J. Am. Stat. Assoc. 80, 1985) are the general case; with splines there is one global minimum and no restart.
"""
