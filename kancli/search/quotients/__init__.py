"""Quotients of polynomials of the inputs, and functions of one: y·Q(x) = P(x) is linear in all coefficients."""
