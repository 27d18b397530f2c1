"""What `kan fit` adds to the stages: shapes to try, simplest first, and which formula to believe."""
