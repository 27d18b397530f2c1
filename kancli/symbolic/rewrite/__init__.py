"""Expressions rewritten as equal and simpler ones."""
