"""Laws of motion: what trajectories say about the derivatives of their states."""
