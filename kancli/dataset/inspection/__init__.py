"""What a table holds, before anything is fitted to it: its columns, what is odd about them, which to begin with."""
