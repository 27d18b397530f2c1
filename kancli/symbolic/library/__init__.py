"""The functions that an edge may hold, with their four affine parameters."""
