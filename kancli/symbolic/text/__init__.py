"""Expressions as text: parser, printers, sympy."""
