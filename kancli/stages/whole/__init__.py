"""What all rows of a large table say of a formula that was found in some of them."""
