"""Plain forms: what measured tables are most often described by, fitted directly in a fraction of a second."""
