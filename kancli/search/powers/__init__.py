"""Sums of products of powers: laws that are found without a network."""
