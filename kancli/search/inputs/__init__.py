"""Tables rewritten with fewer rows, fewer inputs or other ones, and the way back."""
