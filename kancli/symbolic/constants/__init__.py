"""The constants of an expression: fitted, measured, replaced by exact values."""
