"""The formula behind your CSV: symbolic regression with Kolmogorov-Arnold networks."""

__version__ = "0.1.0"
