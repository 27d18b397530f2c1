"""What is to be said of a formula that was found: the errors of its target, and whether it is to be believed."""
