"""Models that everybody tries first: polynomials with few terms, and the classics of one input."""
