"""What a version is used for: predictions and their errors, pictures, the functions that suit an edge."""
