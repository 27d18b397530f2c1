"""Differential equations solved by networks of splines, whose solutions are then read as formulas."""
