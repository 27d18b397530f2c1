"""Splines, networks and their training, in tensors: no options objects, no defaults, no files, no printing.

Axes, everywhere: restarts R first, rows N last; per-edge tensors hold the edges E in the order of
`Layer.edges`, sorted by (source, target). Floating point is float64.
"""
